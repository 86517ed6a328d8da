import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { parseConnectionUrl } from '../../../../src/targets/naming/sources/url.ts';

function parse(text: string): Record<string, string> {
  return Object.fromEntries([...parseConnectionUrl(text)].map(([key, { value }]) => [key, value]));
}

describe('parseConnectionUrl', () => {
  it.each([
    ['postgres://', {}],
    ['postgresql://db.example.com', { host: 'db.example.com' }],
    ['postgres://:5433/app', { port: '5433', dbname: 'app' }],
    ['postgres://u:p@h:6432/d', { host: 'h', port: '6432', user: 'u', password: 'p', dbname: 'd' }],
    ['postgres://u@h', { host: 'h', user: 'u' }],
    ['postgres://u:@h', { host: 'h', user: 'u' }],
    ['postgres://:p@h', { host: 'h', password: 'p' }],
    ['postgres://u:a:b?c#d@h', { host: 'h', user: 'u', password: 'a:b?c#d' }],
    [
      'postgres://us%40er:p%3A%2F%40%25@h/d%20b',
      { host: 'h', user: 'us@er', password: 'p:/@%', dbname: 'd b' },
    ],
    ['postgres://[::1]:5433/d', { host: '::1', port: '5433', dbname: 'd' }],
    ['postgres://u@[2001:db8::1]', { host: '2001:db8::1', user: 'u' }],
    ['postgres://a:1,b,[::1]:3/d', { host: 'a,b,::1', port: '1,,3', dbname: 'd' }],
    ['postgres://a,b', { host: 'a,b', port: ',' }],
    ['postgres://,b:2', { host: ',b', port: ',2' }],
    ['postgres://%2Fvar%2Frun:6/d', { host: '/var/run', port: '6', dbname: 'd' }],
    ['postgres:///d?host=/tmp', { host: '/tmp', dbname: 'd' }],
    [
      'postgres://h?sslmode=require&application_name=a%20b&',
      { host: 'h', sslmode: 'require', application_name: 'a b' },
    ],
    ['postgres://h?ssl=true', { host: 'h', sslmode: 'require' }],
    ['postgres://h?options=-c%20a%3Db', { host: 'h', options: '-c a=b' }],
    ['postgres://h?%68ost=x&application_name=', { host: 'x', application_name: '' }],
    [
      'postgres://ignored/d?host=h&hostaddr=10.0.0.1&port=1&user=u&password=p&dbname=other',
      { host: 'h', hostaddr: '10.0.0.1', port: '1', user: 'u', password: 'p', dbname: 'other' },
    ],
    ['postgres://h/d?application_name=a+b', { host: 'h', dbname: 'd', application_name: 'a+b' }],
    // As in libpq none of these ends a password or a database.
    [
      'postgres://u:p#a?b:c[d@h/d#e',
      { user: 'u', password: 'p#a?b:c[d', host: 'h', dbname: 'd#e' },
    ],
    ['postgres://h/ d ', { host: 'h', dbname: 'd' }],
  ])('reads %s', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each([
    ['postgres://::1/d', /IPv6 address must stand in brackets/],
    ['postgres://[::1/d', /IPv6 address must stand in brackets/],
    ['postgres://[]/d', /IPv6 address must stand in brackets/],
    ['postgres://[::1]x/d', /IPv6 address must stand in brackets/],
    ['postgres://h?sslmod=require', /unknown parameter "sslmod"; did you mean `sslmode`/],
    ['postgres://h?zzzzzz=1', /unknown parameter "zzzzzz"$/],
    ['postgres://h?ssl=false', /unknown parameter "ssl"/],
    ['postgres://h?sslmode', /must be name=value/],
    ['postgres://u:p@ss@h/d', /more than one @: in a user or password write @ as %40$/],
    ['postgres://u:p/ss@h/d', /an @ after the host: in a user or password write \/ as %2F/],
    ['postgres://u:p?s/s@h/d', /an @ after the host: .* write \/ as %2F and \? as %3F/],
    ['postgres://h?password=a&b', /must be name=value; write & in a value as %26/],
    [
      'postgres://h?password=a&b=c',
      /after password there is something that is not a parameter: write & in a/,
    ],
    ['postgres://h?schema=public', /unknown parameter "schema": connstorm needs no schema: leave/],
    ['postgres://h?ApplicationName=x', /"ApplicationName": libpq calls it application_name$/],
    ['postgres://h?pgbouncer=true', /"pgbouncer": connstorm finds out whether there is a pooler/],
    ['postgres://h?constructor=x', /unknown parameter "constructor"$/],
    ['postgres://h?sslmode=require&&port=1', /must be name=value/],
    ['postgres://h?options=-c a=b', /= inside options must be percent-encoded \(%3D\)/],
    ['postgres://h/my db', /database must have its blanks percent-encoded/],
    ['postgres://h/d%00', /database must not hold %00/],
    ['postgres://u:50%@h', /password is not percent-encoded UTF-8: write % itself as %25/],
  ])('refuses %s with a clear message', (text, message) => {
    expect(() => parse(text)).toThrow(UsageError);
    expect(() => parse(text)).toThrow(message);
  });
});
