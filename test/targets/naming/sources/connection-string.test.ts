import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { maskSecrets } from '../../../../src/secrets.ts';
import {
  parseConnectionString,
  parseTargetOption,
} from '../../../../src/targets/naming/sources/connection-string.ts';
import { readParameters } from '../../../../src/targets/naming/sources/parameters.ts';

function readMessage(text: string): string {
  try {
    parseConnectionString(text);
    return 'none';
  } catch (error) {
    return String(error);
  }
}

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
    ['lab', undefined, 'lab'],
    ['pooled=lab', 'pooled', 'lab'],
    ['host=lab', undefined, 'host=lab'],
    ['host=localhost:5432', undefined, 'host=localhost:5432'],
    ['pooled=$URL', 'pooled', '$URL'],
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

  it.each(['service= user=u', 'password= host=hunter2'])('%s: a value is missing', (text) => {
    expect(() => parseTargetOption(text)).toThrow(UsageError);
    expect(() => parseTargetOption(text)).toThrow(
      /^target: \w+ has no value: put an empty one in quotes/,
    );
    expect(() => parseTargetOption(text)).not.toThrow(/hunter2/);
  });
});

describe('parseConnectionString', () => {
  it('takes URLs and key=value strings', () => {
    expect(parseConnectionString('postgresql://h').get('host')?.value).toBe('h');
    expect(parseConnectionString('host=h').get('host')?.value).toBe('h');
  });

  it.each([
    ['mysql://u:hunter2@h?a=b', /got mysql:\/\/\.\.\.$/],
    ['Postgres://h', /in capitals: it must begin with postgres:\/\/$/],
    [' postgres://h', /with a blank before it, .*: it must begin with postgres:\/\/$/],
    ['postgres:u:hunter2@h?a=b', /without its two slashes: it must begin with postgres:\/\/$/],
    [
      'jdbc:postgresql://h/d?user=u&password=hunter2',
      /of JDBC: leave out jdbc: and write the user/,
    ],
    ['jdbc:postgresql://u:hunter2@h/d', /of JDBC: leave out jdbc:/],
    ['jdbc:mysql://h/d?password=hunter2', /of JDBC for another database: connstorm is for Postg/],
    ['r2dbc:pool:postgresql://u:hunter2@h/d', /of JDBC: leave out/],
    ['postgresql+psycopg2://u:hunter2@h/d', /of SQLAlchemy: leave out \+ and the driver/],
    ['pgsql:host=h;password=hunter2', /a DSN of PDO: leave out pgsql: and write blanks/],
    ['pgsql://u:hunter2@h', /of another tool: begin it with postgres:\/\//],
    ['Host=h;Username=u;Password=hunter2', /of ADO\.NET: write blanks instead of the semicol/],
    ['host=h;user id=u;password=hunter2', /of ADO\.NET/],
    ['"postgres://u:hunter2@h"', /with its quotes: leave them out/],
    ['$DATABASE_URL', /the name of a variable instead of its value/],
    ['$' + '{{ secrets.URL }}', /the name of a variable instead of its value/],
    ['psql -h h -U u', /a command: give only what follows psql/],
    ['localhost:5432/app', /a host and a port: write postgres:\/\/ before it$/],
    ['it is hunter2 host=h', /at the beginning there must be keyword=value/],
    ['x:hunter2@h?sslmode=x', /before the first = is not a keyword: write keyword=value/],
    [
      'Driver={PostgreSQL Unicode};Server=h;PWD=hunter2',
      /of ODBC: leave out the driver, write bla/,
    ],
    ['DSN=hunter2', /of ODBC/],
    [
      'hunter2.example',
      /must be a connection string such as postgres:.* or host=.*, got only a name: if it is a host, write postgres:\/\/ before it$/,
    ],
    ['h/d', /or host=.*, got something else$/],
  ])('refuses %s with a clear message', (text, message) => {
    expect(() => parseConnectionString(text)).toThrow(UsageError);
    expect(() => parseConnectionString(text)).toThrow(message);
    expect(() => parseConnectionString(text)).not.toThrow(/hunter2/);
    // An example that is masked as a password would be is none.
    expect(maskSecrets(readMessage(text))).toBe(readMessage(text));
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
    'jdbc:postgresql://u:hunter2@h/d?sslmode=x',
    ' postgres://u:hunter2@h/d?sslmode=x',
    'u:hunter2@h?sslmode=x',
    'host=u:hunter2@h',
    'host=h;pwd=hunter2',
    'postgres://h?password=x&hunter2=y',
    'postgres://h?password=x&hunter2',
  ])('never quotes the password of %s', (text) => {
    const read = () => readParameters(parseConnectionString(parseTargetOption(text).rest));
    expect(read).toThrow(expect.not.stringContaining('hunt'));
    expect(read).toThrow(UsageError);
  });
});
