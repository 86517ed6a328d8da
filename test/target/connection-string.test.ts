import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseConnectionString, parseTargetOption } from '../../src/target/connection-string.ts';
import { readParameters } from '../../src/target/parameters.ts';

describe('parseTargetOption', () => {
  it.each([
    ['pooled=postgres://h', 'pooled', 'postgres://h'],
    ['pooled=host=h port=1', 'pooled', 'host=h port=1'],
    ['my-pool_2= dbname = d', 'my-pool_2', ' dbname = d'],
    ['postgres://h?a=postgres://x', undefined, 'postgres://h?a=postgres://x'],
    ['host=h', undefined, 'host=h'],
    ['host=h dbname=d', undefined, 'host=h dbname=d'],
    // No connection string behind it: a keyword written wrong, as its message will say.
    ['hots=h port=1', undefined, 'hots=h port=1'],
    ['pooled=h', undefined, 'pooled=h'],
  ])('splits %s', (text, role, rest) => {
    expect(parseTargetOption(text)).toEqual({ role, rest });
  });

  it.each(['host=postgres://h', 'user=host=h', 'password=port=hunter2'])(
    'refuses the role in %s, which is a keyword',
    (text) => {
      expect(() => parseTargetOption(text)).toThrow(UsageError);
      expect(() => parseTargetOption(text)).toThrow(/is a keyword .* cannot be a role/);
      expect(() => parseTargetOption(text)).not.toThrow(/hunter2/);
    },
  );
});

describe('parseConnectionString', () => {
  it('takes URLs and key=value strings', () => {
    expect(parseConnectionString('postgresql://h').get('host')?.value).toBe('h');
    expect(parseConnectionString('host=h').get('host')?.value).toBe('h');
  });

  it.each([
    ['mysql://u:hunter2@h?a=b', /got mysql:\/\/\.\.\.$/],
    ['Postgres://h', /got Postgres:\/\/\.\.\.$/],
    [
      'localhost',
      /must be a connection string such as postgres:.* or host=.*, got something else$/,
    ],
  ])('refuses %s with a clear message', (text, message) => {
    expect(() => parseConnectionString(text)).toThrow(UsageError);
    expect(() => parseConnectionString(text)).toThrow(message);
  });

  it.each([
    'postgres://u:hunt%er2@h',
    'postgres://u:hunter@2@h/d',
    'postgres://u:hunter/2@h/d',
    'postgres://u:hunter2/d',
    'postgres://u:hunter?2/x@h/d',
    'postgres://u:hunter2@a,b:x/d',
    'postgres://u:hunter2@h:x/d?sslmode=nope',
    'postgres://h?password=hunter%',
    'postgres://h?password=hunter2=x',
    'postgres://u:hunter 2@h',
    'hunter2',
    'host=h password=hunter2 prot=1',
    'password=my hunter2=x',
    'password=my hunter2',
    "password='hunter2",
    'password=hunter2 port=x',
    'sslpassword=hunter2 nonsense',
    'scram_client_key=hunter2',
    'mysql://u:hunter2@h',
  ])('never quotes the password of %s', (text) => {
    const read = () => readParameters(parseConnectionString(parseTargetOption(text).rest));
    expect(read).toThrow(expect.not.stringContaining('hunt'));
    expect(read).toThrow(UsageError);
  });
});
