import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locatePasswordFile, readPassword } from '../../../../src/targets/naming/sources/pgpass.ts';

const KEY = { host: 'db', port: 5432, database: 'app', user: 'me' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-pgpass-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(text: string, mode = 0o600): string {
  const file = join(folder, `pgpass-${Math.random()}`);
  writeFileSync(file, text);
  // Not by the option of writeFileSync, from which the umask takes permissions.
  chmodSync(file, mode);
  return file;
}

describe('readPassword', () => {
  it.each([
    ['an exact line', 'db:5432:app:me:secret\n', 'secret'],
    ['wildcards', '*:*:*:*:secret', 'secret'],
    ['the first line that matches', 'db:*:*:other:a\ndb:*:*:me:b\n*:*:*:*:c\n', 'b'],
    ['escapes', 'db:5432:app:me:a\\:b\\\\c\\d', 'a:b\\cd'],
    ['a backslash before a separator', '*:*:*:*:a\\\\:rest', 'a\\'],
    ['lines that end as on Windows', 'db:5432:app:me:secret\r\n', 'secret'],
    ['a password with spaces and #', '# me\n*:*:*:*: a # b', ' a # b'],
  ])('understands %s', async (_, text, password) => {
    expect(await readPassword(write(text), KEY)).toEqual({ password });
  });

  it.each([
    ['a comment', '#db:5432:app:me:secret'],
    ['another port', 'db:5433:app:me:secret'],
    ['another host', '10.0.0.1:5432:app:me:secret'],
    ['too few fields', 'db:5432:app:secret'],
    ['an escaped wildcard', '\\*:5432:app:me:secret'],
    ['nothing', ''],
  ])('finds none in %s', async (_, text) => {
    expect(await readPassword(write(text), KEY)).toEqual({});
  });

  it('matches fields that hold separators', async () => {
    const file = write('\\:\\:1:5432:a\\:b:me:secret');
    expect(await readPassword(file, { ...KEY, host: '::1', database: 'a:b' })).toEqual({
      password: 'secret',
    });
  });

  it.each([0o644, 0o640, 0o620, 0o602, 0o601])(
    'leaves a file alone that others may do anything with, and says so: %o',
    async (mode) => {
      const file = write('*:*:*:*:secret', mode);
      const { password, warning } = await readPassword(file, KEY);
      expect(password).toBeUndefined();
      expect(warning).toBe(
        `${file} has permissions for group or others (mode 0${mode.toString(8)}), and is ignored: run chmod 600 on it`,
      );
    },
  );

  it('says nothing about a file that is not there', async () => {
    expect(await readPassword(join(folder, 'missing'), KEY)).toEqual({});
  });
});

describe('locatePasswordFile', () => {
  it('prefers PGPASSFILE to the home folder', () => {
    expect(locatePasswordFile({ PGPASSFILE: '/x', HOME: '/home/me' })).toBe('/x');
    expect(locatePasswordFile({ HOME: '/home/me' })).toBe('/home/me/.pgpass');
  });
});

it('tells why a file that was named says nothing, and keeps silent of one that was not', async () => {
  const file = join(folder, 'missing');
  expect(await readPassword(file, KEY, true)).toEqual({
    trouble: `the password file ${file} is not there`,
  });
  expect(await readPassword(file, KEY)).toEqual({});
});
