import { parse as parseAsPg } from 'pg-connection-string';
import { describe, expect, it } from 'vitest';
import { parseConnectionString } from '../../src/targets/naming/sources/connection-string.ts';

/** Parameters by libpq's keywords. */
type Fields = Record<string, string>;

/** As libpq reads it; what is not given or empty is left out. */
function readAsLibpq(text: string): Fields {
  return keepGiven(
    [...parseConnectionString(text)].map(([keyword, { value }]) => [keyword, value] as const),
  );
}

/** As pg-connection-string reads it, in libpq's words; `ssl` is what it makes of sslmode. */
function readAsPg(text: string): Fields {
  const { database, ssl: _, ...others } = parseAsPg(text);
  return keepGiven(Object.entries({ ...others, dbname: database }));
}

function keepGiven(entries: (readonly [string, unknown])[]): Fields {
  const given = entries.filter(([, value]) => typeof value === 'string' && value !== '');
  return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1))) as Fields;
}

function tryRead(read: (text: string) => Fields, text: string): Fields | 'refused' {
  try {
    return read(text);
  } catch {
    return 'refused';
  }
}

describe('pg-connection-string', () => {
  it.each([
    'postgres://h',
    'postgresql://h',
    'postgres://h/d',
    'postgres://h:6432/d',
    'postgres://u@h/d',
    'postgres://u:p@h/d',
    'postgres://u:p@h:6432/d',
    'postgres://us%40er:p%3A%2F%40%25@h/d',
    'postgres://u:a:b@h/d',
    'postgres://u:%C3%A9@h/d',
    'postgres://u:p@127.0.0.1:6432/d',
    'postgres://u:p@[::1]:6432/d',
    'postgres://u:p@[2001:db8::1]/d',
    'postgres://h/my%20db',
    'postgres://h/d%C3%A9',
    'postgres:///d',
    'postgres://u:p@/d',
    'postgres://%2Ftmp/d',
    'postgres://u@%2Fvar%2Frun%2Fpostgresql/d',
    'postgres:///d?host=/tmp',
    'postgres:///d?host=h&port=6432',
    'postgres://h/d?application_name=a%20b',
    'postgres://h/d?options=-c%20a%3Db',
    'postgres://h/d?connect_timeout=3',
    'postgres://h/d?target_session_attrs=primary',
    'postgres://h/d?user=u&password=p',
    'postgres://u@h/d?user=v',
  ])('reads %s as libpq does', (text) => {
    expect(readAsPg(text)).toEqual(readAsLibpq(text));
  });

  it.each<[why: string, text: string, libpq: Fields | 'refused', pg: Fields | 'refused']>([
    [
      'a key=value string is one libpq knows, and a relative URL to pg',
      'host=h dbname=d',
      { host: 'h', dbname: 'd' },
      // With a host of pg's own making, and the string as the database's name.
      { host: 'base', dbname: 'host=h dbname=d' },
    ],
    [
      'several hosts are no URL to the WHATWG',
      'postgres://a:1,b:2/d',
      { host: 'a,b', port: '1,2', dbname: 'd' },
      'refused',
    ],
    [
      'several hosts without ports are one name to pg',
      'postgres://a,b/d',
      { host: 'a,b', port: ',', dbname: 'd' },
      { host: 'a,b', dbname: 'd' },
    ],
    [
      '+ is itself to libpq, and a blank to pg (as in HTML forms)',
      'postgres://h/d?application_name=a+b',
      { host: 'h', dbname: 'd', application_name: 'a+b' },
      { host: 'h', dbname: 'd', application_name: 'a b' },
    ],
    [
      '# belongs to the value in libpq, and begins a fragment in pg',
      'postgres://h/d#x',
      { host: 'h', dbname: 'd#x' },
      { host: 'h', dbname: 'd' },
    ],
    [
      '? belongs to a password in libpq, and ends the authority in pg',
      'postgres://u:a?b@h/d',
      { user: 'u', password: 'a?b', host: 'h', dbname: 'd' },
      'refused',
    ],
    [
      'encoded / in a database: libpq decodes all, pg uses decodeURI, which leaves reserved characters',
      'postgres://h/a%2Fb',
      { host: 'h', dbname: 'a/b' },
      { host: 'h', dbname: 'a%2Fb' },
    ],
    [
      'a second / belongs to the database in both, but . and .. are paths to pg',
      'postgres://h/a/../b',
      { host: 'h', dbname: 'a/../b' },
      { host: 'h', dbname: 'b' },
    ],
    [
      'dbname after ? is the database in libpq; pg keeps the word and the path',
      'postgres://h/d?dbname=e',
      { host: 'h', dbname: 'e' },
      { host: 'h', dbname: 'd' },
    ],
    [
      'an unknown parameter is refused by libpq, and passed on by pg',
      'postgres://h/d?nonsense=1',
      'refused',
      { host: 'h', dbname: 'd', nonsense: '1' },
    ],
    [
      'JDBC: ssl=true is sslmode=require in libpq, and verified TLS in pg',
      'postgres://h/d?ssl=true',
      { host: 'h', dbname: 'd', sslmode: 'require' },
      { host: 'h', dbname: 'd' },
    ],
    [
      'a blank inside is refused by libpq (PostgreSQL 18), and encoded by pg',
      'postgres://h/my db',
      'refused',
      { host: 'h', dbname: 'my db' },
    ],
    [
      'a % that encodes nothing is refused by libpq, and taken as it is by pg',
      'postgres://u:50%@h/d',
      'refused',
      { user: 'u', password: '50%', host: 'h', dbname: 'd' },
    ],
    [
      'a path alone is a Unix socket to pg, and no connection string to libpq',
      '/tmp d',
      'refused',
      { host: '/tmp', dbname: 'd' },
    ],
    [
      'socket: is a scheme of pg alone',
      'socket:/tmp?db=d',
      'refused',
      { host: '/tmp', dbname: 'd', db: 'd' },
    ],
  ])('differs: %s', (_why, text, libpq, pg) => {
    expect(tryRead(readAsLibpq, text)).toEqual(libpq);
    expect(tryRead(readAsPg, text)).toEqual(pg);
  });
});
