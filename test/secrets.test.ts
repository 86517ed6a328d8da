import { describe, expect, it } from 'vitest';
import { listBlankSecrets, maskGiven, maskSecrets } from '../src/secrets.ts';

describe('a password is masked', () => {
  it.each([
    ['postgres://u:hush@h/db', 'postgres://u:***@h/db'],
    ['postgresql://u:hush@h:5432/db?x=1', 'postgresql://u:***@h:5432/db?x=1'],
    ['POSTGRES://u:hush@h', 'POSTGRES://u:***@h'],
    // SQL.
    ["ALTER ROLE u PASSWORD 'hush'", "ALTER ROLE u PASSWORD '***'"],
    ["create role u password\n E'hu\\'sh''hush' LOGIN", "create role u password\n E'***' LOGIN"],
    ["ALTER ROLE u PASSWORD 'hush", "ALTER ROLE u PASSWORD '***'"],
    ['"postgres://u:hush@h/db"; did you mean', '"postgres://u:***@h/db"; did you mean'],
    ['postgres://u@server:hush@h/db', 'postgres://u@server:***@h/db'],
    ['got "postgres://u@a@b:hu@sh@h/db" here', 'got "postgres://u@a@b:***@h/db" here'],
    // What should have been percent-encoded, and was not.
    ['postgres://u:hu@sh@h/db', 'postgres://u:***@h/db'],
    ['postgres://u:hu/sh@h/db', 'postgres://u:***@h/db'],
    ['postgres://u:hu?sh#hush@h/db', 'postgres://u:***@h/db'],
    ['got "postgres://u:hu"sh@h/db"', 'got "postgres://u:***@h/db"'],
    ['got "postgres://u:hu sh@h/db" here', 'got "postgres://u:***@h/db" here'],
    ['got "postgres://u:hu"; sh@h/db" here', 'got "postgres://u:***@h/db" here'],
    // The sentence around it goes on.
    [
      '--set postgres://u:hush@h/app=5: unknown field `postgres://u:hush@h/app`; known: load',
      '--set postgres://u:***@h/app=5: unknown field `postgres://u:***@h/app`; known: load',
    ],
    [
      'direct=postgres://u:hush@a/x pooled=postgres://u:sh@b/x are one',
      'direct=postgres://u:***@a/x pooled=postgres://u:***@b/x are one',
    ],
    [
      'got "postgres://u:hush@h/db"; did you mean a@b?',
      'got "postgres://u:***@h/db"; did you mean a@b?',
    ],
    ['`postgres://u:hu@sh@h/db` is none; ask a@b', '`postgres://u:***@h/db` is none; ask a@b'],
    ["'postgres://u:hu sh@h/db', not a@b", "'postgres://u:***@h/db', not a@b"],
    ['got `postgres://u:hush`; known: load', 'got `postgres://u:***`; known: load'],
    ['(postgres://u:hush), and more', '(postgres://u:***), and more'],
    ['unknown field `password=hush`; known: load', 'unknown field `password=***`; known: load'],
    // A line of a password file.
    ['got "127.0.0.1:5432:*:storm:hush"', 'got "127.0.0.1:5432:*:storm:***"'],
    ['unknown field `db:*:app:storm:hu:sh`; known', 'unknown field `db:*:app:storm:***`; known'],
    ['2001:10:20:30:40:50 and x.yaml:7:9 load', '2001:10:20:30:40:50 and x.yaml:7:9 load'],
    ['postgres://u:hu%40sh%2Fhush@h/db', 'postgres://u:***@h/db'],
    ['postgres://u%40tenant:hush@h/db', 'postgres://u%40tenant:***@h/db'],
    ['postgres://u%3Ahush@h/db', 'postgres://u:***@h/db'],
    ['postgres://:hush@h/db', 'postgres://:***@h/db'],
    ['postgres://u:hush', 'postgres://u:***'],
    ['postgres://u:hush…', 'postgres://u:***'],
    ['postgres://u:hush%40h/db', 'postgres://u:***'],
    ['postgres%3A%2F%2Fu%3Ahush%40h%2Fdb', 'postgres%3A%2F%2Fu%3A***%40h%2Fdb'],
    ['u:hush@h:5432/db', 'u:***@h:5432/db'],
    ['direct=u:hush@h', 'direct=u:***@h'],
    ['pooled=postgres://u:hush@h', 'pooled=postgres://u:***@h'],
    [
      'jdbc:postgresql://h/db?user=u&password=hush&ssl=true',
      'jdbc:postgresql://h/db?user=u&password=***&ssl=true',
    ],
    ['jdbc:postgresql://u:hush@h/db', 'jdbc:postgresql://u:***@h/db'],
    ['/srv/postgres:/u:hu/sh@h/db', '/srv/postgres:/u:***@h/db'],
    ['https://proxy:hush@h/', 'https://proxy:***@h/'],
    ['postgres://h/db?password=hush', 'postgres://h/db?password=***'],
    [
      'postgres://h/db?password=hush&sslmode=require',
      'postgres://h/db?password=***&sslmode=require',
    ],
    ['postgres://h/db?sslpassword=hush', 'postgres://h/db?sslpassword=***'],
    ['postgres://h/db?p%61ss%57ord=hush', 'postgres://h/db?p%61ss%57ord=***'],
    ['password%3Dhush%26sslmode%3Drequire', 'password%3D***%26sslmode%3Drequire'],
    ['host=h password=hush dbname=x', 'host=h password=*** dbname=x'],
    ['host=h password = hush dbname=x', 'host=h password = *** dbname=x'],
    ["password='hu sh' dbname=x", 'password=*** dbname=x'],
    ["password='hu\\'sh hush' dbname=x", 'password=*** dbname=x'],
    ["password='hush that never ends", 'password=***'],
    ['password="hu sh" dbname=x', 'password=*** dbname=x'],
    ['password=hu\\ sh dbname=x', 'password=*** dbname=x'],
    ['password=hu&sh dbname=x', 'password=*** dbname=x'],
    ['Host=h;Password=hush;Database=x', 'Host=h;Password=***;Database=x'],
    ['sslpassword=hush', 'sslpassword=***'],
    ['PGPASSWORD=hush psql', 'PGPASSWORD=*** psql'],
    ['scram_client_key=hush', 'scram_client_key=***'],
    ['oauth_client_secret=hush', 'oauth_client_secret=***'],
    [
      '--rate password=hush: load.rate must be a number',
      '--rate password=***: load.rate must be a number',
    ],
    ['got "password=hush"; see', 'got "password=***"; see'],
    [
      'postgres://a:hush@h1/x\npostgres://b:sh@h2/x',
      'postgres://a:***@h1/x\npostgres://b:***@h2/x',
    ],
  ])('%s', (text, expected) => {
    const masked = maskSecrets(text);
    expect(masked).toBe(expected);
    expect(maskSecrets(masked)).toBe(expected);
  });

  it('in JSON, which stays JSON', () => {
    const told = {
      text: 'password="hu\\"sh"',
      list: ["password='a\"b'", 'postgres://u:p"q@h'],
      host: 'postgres://h:5432/x',
      mail: 'a@b',
    };
    const masked = maskSecrets(`${JSON.stringify(told)}\n`);
    expect(masked.endsWith('\n')).toBe(true);
    expect(JSON.parse(masked)).toEqual({
      text: 'password=***',
      list: ['password=***', 'postgres://u:***@h'],
      host: 'postgres://h:5432/x',
      mail: 'a@b',
    });
    expect(maskSecrets(masked)).toBe(masked);
  });

  it('in JSON, whose escaped controls stay escaped', () => {
    const text = '{"a":"\\u009b\\u202e","b":"password=hush"}';
    expect(maskSecrets(text)).toBe('{"a":"\\u009b\\u202e","b":"password=***"}');
  });

  it('with blanks where the argument that it is from is known', () => {
    const secrets = listBlankSecrets(['run', '--rate', 'host=h password=hu sh hush']);
    const text = '--rate host=h password=hu sh hush: load.rate must be a number';
    expect(maskGiven(text, secrets)).toBe('--rate host=h password=***: load.rate must be a number');
    const cut = '--rate "host=h password=hu sh h..." is no number, password=hu sh hush neither';
    expect(maskGiven(cut, secrets)).toBe(
      '--rate "host=h password=***" is no number, password=*** neither',
    );
    const half = maskSecrets('result: host=h password=hu sh hush');
    expect(maskGiven(half, secrets)).toBe('result: host=h password=***');
    expect(listBlankSecrets(['password=hush', '--budget', 'latency p(99) < 1s'])).toEqual([]);
  });
});

it.each([
  'postgres://storm@127.0.0.1:5432/storm',
  'postgres://h:5432/db',
  'postgres://storm@127.0.0.1:5432/storm and x@y',
  'postgres://storm@h:5432, or storm@h',
  'postgres://h1:5432,h2:5433/db',
  'postgres://[::1]:5432/db',
  'postgres://user@host:5432/database or host=... port=... user=...',
  'require_auth=password is needed; scram-sha-256, md5, password, trust',
  'scenarios/x.yaml:7:9 load.rate must be above 0, got -5',
  '127.0.0.1:5432 refused 412 of 500 connects (53300 too many clients)',
  'latency p(99) < 250ms and rate=5',
  '{"type":"summary","p50Us":1,"url":"https://json-schema.org/draft/2020-12/schema"}',
])('nothing else is: %s', (text) => {
  expect(maskSecrets(text)).toBe(text);
});

it('takes hostile text in a time that grows with its length', () => {
  const size = 200_000;
  const texts = ['=a:', 'password=', '://a:', 'a', '"', '%3a%2f%2fa', "password='", '{"'];
  const before = process.cpuUsage();
  for (const text of texts) maskSecrets(`=${text.repeat(size / text.length)}`);
  // Quadratic work would take minutes of a CPU, however long the machine lets us wait for one.
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(20);
});
