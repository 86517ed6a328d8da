import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { parseKeyValues } from '../../../../src/targets/naming/sources/key-value.ts';

function parse(text: string): Record<string, string> {
  return Object.fromEntries([...parseKeyValues(text)].map(([key, { value }]) => [key, value]));
}

describe('parseKeyValues', () => {
  it.each([
    ['', {}],
    ['host=h port=1', { host: 'h', port: '1' }],
    [' \thost =  h\n port= 1 ', { host: 'h', port: '1' }],
    ["dbname='my db' user=u", { dbname: 'my db', user: 'u' }],
    ["dbname=''", { dbname: '' }],
    ["password='it\\'s' user=u", { password: "it's", user: 'u' }],
    ["password='a\\\\b'", { password: 'a\\b' }],
    ["password=it\\'s\\ mine user=u", { password: "it's mine", user: 'u' }],
    ["password=it's", { password: "it's" }],
    ['password=x\\', { password: 'x' }],
    ["host='h'port=1", { host: 'h', port: '1' }],
    ['host=a host=b', { host: 'b' }],
    ['host=a,b port=1,2', { host: 'a,b', port: '1,2' }],
    ['host=/tmp', { host: '/tmp' }],
    ['password=a=b', { password: 'a=b' }],
    ['dbname=a%20b', { dbname: 'a%20b' }],
    // libpq skips the blanks behind `=`, whatever comes then.
    ['host= port=5', { host: 'port=5' }],
    // JavaScript's blanks are more than C's.
    ['dbname=a\u00a0b', { dbname: 'a\u00a0b' }],
  ])('reads %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['host', /at the beginning there must be keyword=value/],
    ['=h', /at the beginning there must be keyword=value/],
    ['host=h port', /after host there must be keyword=value; .* dbname='my db'/],
    ["dbname='my db", /the quotes of dbname do not end/],
    ["dbname='my\\'", /the quotes of dbname do not end/],
    ['hots=h', /unknown keyword "hots"; did you mean `host`/],
    ['Host=h', /unknown keyword "Host"; did you mean `host`/],
    [
      'password=my secret=x',
      /after password there is something that is not a keyword: put a value with blanks in single quotes$/,
    ],
  ])('refuses %j with a clear message', (text, message) => {
    expect(() => parse(text)).toThrow(UsageError);
    expect(() => parse(text)).toThrow(message);
  });
});
