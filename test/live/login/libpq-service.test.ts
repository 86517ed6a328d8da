import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';

/** Service files: psql's libpq is the referee. Nothing listens where they lead; what psql tells is where it went. */

const run = promisify(execFile);
const PSQL = listInstalled()
  .map((version) => join(INSTALLED, version, 'bin', 'psql'))
  .find((path) => existsSync(path));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-libpq-service-'));
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'system'));
  writeFileSync(
    join(folder, 'home', '.pg_service.conf'),
    [
      ...['[plain]', 'host=127.0.0.1', 'port=1', 'port=2', '  # a comment', ''],
      ...['[blank]', 'host = 127.0.0.1', '[nonsense]', 'nonsense', '[nested]', 'service=plain'],
      ...['[unknown]', 'hots=127.0.0.1', '[behind] x', 'host=127.0.0.1', 'port= 4 ', '[ edge ]'],
      ...['host=127.0.0.1', 'port=5', '[Case]', 'host=127.0.0.1', 'port=6', '[empty]', 'port='],
      ...['host=127.0.0.1', '[address]', 'hostaddr=127.0.0.1', 'port=8', '[nothing]', '=x'],
      ...['[both]', 'host=127.0.0.1', 'port=9', '[both]', 'port=10'],
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'system', 'pg_service.conf'),
    '[both]\nport=11\n[system]\nhost=127.0.0.1\nport=12\n',
  );
  writeFileSync(join(folder, 'windows'), '[plain]\r\nhost=127.0.0.1\r\nport=13\r\n');
  writeFileSync(join(folder, 'marked'), '\ufeff[system]\nhost=127.0.0.1\nport=14\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

function createEnv(over: Record<string, string>): Record<string, string> {
  const all = { HOME: 'FOLDER/home', PGSYSCONFDIR: 'FOLDER/system', PGUSER: 'u', ...over };
  return Object.fromEntries(
    Object.entries({ ...all, PGPASSFILE: '/nonexistent', LC_ALL: 'C' }).map(([name, value]) => [
      name,
      value.replace('FOLDER', folder),
    ]),
  );
}

/** `127.0.0.1:1`, or `refused`. */
async function askLibpq(text: string, env: Record<string, string>): Promise<string> {
  const failing = run(PSQL ?? '', ['-X', '-w', '-c', 'SELECT 1', text], { env });
  const { stderr } = await failing.then(
    () => Promise.reject(new Error('somebody listens there')),
    (error: { stderr: string }) => error,
  );
  const [, host, port] = /server at "([^"]+)", port +(\d+) failed/.exec(stderr) ?? [];
  if (host !== undefined) return `${host}:${port}`;
  expect(stderr).toMatch(/service/);
  return 'refused';
}

async function askOurselves(text: string, env: Record<string, string>): Promise<string> {
  try {
    const resolved = await resolveTarget({ text: text === '' ? undefined : text, env });
    const [host] = resolved?.hosts ?? [];
    return host === undefined ? 'the lab' : `${host.target.host}:${host.target.port}`;
  } catch (error) {
    return /service/.test((error as Error).message) ? 'refused' : String(error);
  }
}

describe.skipIf(PSQL === undefined)('libpq follows services as we do', () => {
  it.each<[string, Record<string, string>, string]>([
    ['service=plain', {}, '127.0.0.1:1'],
    ['postgres:///?service=plain', {}, '127.0.0.1:1'],
    ['postgres://:3/?service=plain', {}, '127.0.0.1:3'],
    ['service=plain port=3', {}, '127.0.0.1:3'],
    ['service=plain', { PGPORT: '3', PGHOST: '127.0.0.2' }, '127.0.0.1:1'],
    ['', { PGSERVICE: 'plain' }, '127.0.0.1:1'],
    ['service=system', { PGSERVICE: 'plain' }, '127.0.0.1:12'],
    ['host=127.0.0.2', { PGSERVICE: 'plain' }, '127.0.0.2:1'],
    ['service=behind', {}, '127.0.0.1:4'],
    ["service=' edge '", {}, '127.0.0.1:5'],
    ['service=edge', {}, 'refused'],
    ['service=Case', {}, '127.0.0.1:6'],
    ['service=case', {}, 'refused'],
    ['service=empty', {}, '127.0.0.1:5432'],
    ['service=address', {}, '127.0.0.1:8'],
    ['service=both', {}, '127.0.0.1:9'],
    ['service=both host=127.0.0.1', { PGSERVICEFILE: 'FOLDER/windows' }, '127.0.0.1:11'],
    ['service=plain', { PGSERVICEFILE: 'FOLDER/windows' }, '127.0.0.1:13'],
    ['service=system', { PGSERVICEFILE: 'FOLDER/marked' }, '127.0.0.1:12'],
    ['service=system', { HOME: '/nonexistent' }, '127.0.0.1:12'],
    ['service=blank', {}, 'refused'],
    ['service=nonsense', {}, 'refused'],
    ['service=nested', {}, 'refused'],
    ['service=unknown', {}, 'refused'],
    ['service=nothing', {}, 'refused'],
    ['service=missing', {}, 'refused'],
    ["service=''", {}, 'refused'],
    ['host=127.0.0.1', { PGSERVICE: 'missing' }, 'refused'],
    ['service=system', { PGSERVICEFILE: '/nonexistent' }, 'refused'],
  ])('%s with %o', async (text, over, expected) => {
    const env = createEnv(over);
    expect([await askLibpq(text, env), await askOurselves(text, env)]).toEqual([
      expected,
      expected,
    ]);
  });
});
