import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { describeServer, describeTarget } from '../../src/target/describe.ts';
import { parseTargetOption, parseTargetUrl, redactUrl } from '../../src/target/url.ts';

describe('parseTargetUrl', () => {
  it.each([
    ['postgres://', {}],
    ['postgresql://db.example.com', { host: 'db.example.com' }],
    ['postgres://:5433/app', { port: 5433, database: 'app' }],
    ['postgres://u:p@h:6432/d', { host: 'h', port: 6432, user: 'u', password: 'p', database: 'd' }],
    ['postgres://u@h', { host: 'h', user: 'u' }],
    ['postgres://u:@h', { host: 'h', user: 'u' }],
    ['postgres://u:a:b?c#d@h', { host: 'h', user: 'u', password: 'a:b?c#d' }],
    [
      'postgres://us%40er:p%3A%2F%40%25@h/d%20b',
      { host: 'h', user: 'us@er', password: 'p:/@%', database: 'd b' },
    ],
    ['postgres://[::1]:5433/d', { host: '::1', port: 5433, database: 'd' }],
    ['postgres://u@[2001:db8::1]', { host: '2001:db8::1', user: 'u' }],
    [
      'postgres://h?sslmode=require&application_name=a%20b&',
      { host: 'h', sslmode: 'require', applicationName: 'a b' },
    ],
    [
      'postgres://h?sslrootcert=system&sslcert=a%20b&sslkey=%2Fc&sslnegotiation=direct&channel_binding=require',
      {
        host: 'h',
        sslrootcert: 'system',
        sslcert: 'a b',
        sslkey: '/c',
        sslnegotiation: 'direct',
        channelBinding: 'require',
      },
    ],
    [
      'postgres://ignored/d?host=h&hostaddr=10.0.0.1&port=1&user=u&password=p&dbname=other',
      { host: 'h', hostAddress: '10.0.0.1', port: 1, user: 'u', password: 'p', database: 'other' },
    ],
  ])('reads %s', (text, expected) => {
    expect(parseTargetUrl(text)).toEqual(expected);
  });

  it.each([
    ['host=h password=hunter2', /must be a URL such as postgres:/],
    ['mysql://u:hunter2@h', /got mysql:\/\/\.\.\./],
    ['postgres://a,b/d', /several hosts are not supported/],
    ['postgres://h?host=a,b', /names several hosts/],
    ['postgres://%2Fvar%2Frun/d', /Unix socket, which is not supported/],
    ['postgres:///d?host=/tmp', /host is a Unix socket/],
    ['postgres://::1/d', /IPv6 address must stand in brackets/],
    ['postgres://h:0', /port must be a number from 1 to 65535, got 0/],
    ['postgres://h:65536', /got 65536/],
    ['postgres://h:-1', /port must be a number/],
    ['postgres://h?sslmode=allow', /must be disable, .*, verify-full, got "allow"/],
    ['postgres://h?sslnegotiation=quick', /must be postgres, direct, got "quick"/],
    ['postgres://h?channel_binding=on', /must be disable, prefer, require, got "on"/],
    ['postgres://h?sslpassword=hunter2', /sslpassword is not supported: give sslkey a key/],
    ['postgres://h?sslcrl=x', /sslcrl is not supported: .* revocation/],
    ['postgres://h?options=-c%20x', /options is not supported: .*ALTER ROLE/],
    ['postgres://h?connect_timeout=3', /not supported: the scenario's connection\.timeout/],
    ['postgres://h?target_session_attrs=any', /not supported: every attempt is one socket/],
    ['postgres://h?sslmod=require', /unknown parameter "sslmod"; did you mean `sslmode`/],
    ['postgres://h?zzzzzz=1', /unknown parameter "zzzzzz"$/],
    ['postgres://h?sslmode', /must be name=value/],
    ['postgres://u:50%@h', /password is not percent-encoded UTF-8: write % itself as %25/],
    ['postgres://h?hostaddr=db', /hostaddr must be one IP address/],
  ])('refuses %s with a clear message', (text, message) => {
    expect(() => parseTargetUrl(text)).toThrow(UsageError);
    expect(() => parseTargetUrl(text)).toThrow(message);
  });

  it.each([
    'postgres://u:hunt%er2@h',
    'postgres://u:hunter@2@h/d',
    'postgres://u:hunter/2@h/d',
    'postgres://u:hunter2/d',
    'postgres://u:hunter?2/x@h/d',
    'postgres://u:hunter2@a,b/d',
    'postgres://u:hunter2@h:x/d?sslmode=nope',
    'postgres://h?password=hunter%',
    'hunter2',
    'host=h password=hunter2',
    'mysql://u:hunter2@h',
  ])('never quotes the password of %s', (text) => {
    expect(() => parseTargetUrl(text)).toThrow(expect.not.stringContaining('hunt'));
    expect(() => parseTargetUrl(text)).toThrow(UsageError);
  });
});

describe('parseTargetOption', () => {
  it.each([
    ['pooled=postgres://h', { role: 'pooled', url: 'postgres://h' }],
    ['postgres://h?a=postgres://x', { role: undefined, url: 'postgres://h?a=postgres://x' }],
    ['host=h', { role: undefined, url: 'host=h' }],
  ])('splits %s', (text, expected) => {
    expect(parseTargetOption(text)).toEqual(expected);
  });
});

describe('redactUrl', () => {
  it.each([
    ['postgres://u:hunter2@h/d', 'postgres://u:***@h/d'],
    ['postgres://u:hunter@2@h/d', 'postgres://u:***@h/d'],
    ['postgres://u:hunter/2@h/d', 'postgres://u:***@h/d'],
    ['postgres://u@h/d', 'postgres://u@h/d'],
    ['postgres://h:5432/d', 'postgres://h:5432/d'],
    ['postgres://h?password=hunter2&port=1', 'postgres://h?password=***&port=1'],
    ['postgres://h?sslpassword=hunter2', 'postgres://h?sslpassword=***'],
    ['host=h password=hunter2', 'host=h password=***'],
  ])('shows %s as %s', (text, expected) => {
    expect(redactUrl(text)).toBe(expected);
  });
});

describe('describeTarget', () => {
  const target = {
    role: 'direct',
    host: 'db.example.com',
    address: '10.0.0.1',
    port: 5432,
    database: 'my app',
    user: 'me@home',
    password: 'hunter2',
    sslmode: 'prefer',
    applicationName: 'connstorm',
  } as const;

  it('is a URL without the password', () => {
    expect(describeTarget(target)).toBe('postgres://me%40home@db.example.com:5432/my%20app');
  });

  it('names a server by what was given, and the address it stands for', () => {
    expect(describeServer(target)).toBe('db.example.com:5432 (10.0.0.1)');
    expect(describeServer({ host: '::1', address: '::1', port: 1 })).toBe('[::1]:1');
  });
});
