import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { tryLogin } from '../../../src/drivers/try-login.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { parseConnectionString } from '../../../src/targets/naming/sources/connection-string.ts';
import { chooseHosts } from '../../../src/targets/visit/choose-hosts.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { labForSuite } from '../../support/servers/lab.ts';

const run = promisify(execFile);
const PSQL = listInstalled()
  .map((version) => join(INSTALLED, version, 'bin', 'psql'))
  .find((path) => existsSync(path));
/** What of a session a connection string decides. */
const SESSION = `SELECT current_user, current_database(), current_setting('application_name'),
  current_setting('work_mem'), current_setting('client_encoding'), inet_server_port()`;

const lab = labForSuite();

/** Placeholders for what only the lab knows. */
function fillIn(text: string): string {
  const { port, password } = new URL(lab().url);
  return text.replaceAll('PORT', port).replaceAll('SECRET', password);
}

async function askLibpq(text: string): Promise<string | 'refused'> {
  const env = { PGPASSFILE: '/nonexistent', HOME: '/nonexistent', LC_ALL: 'C' };
  try {
    const { stdout } = await run(PSQL ?? '', ['-X', '-A', '-t', '-c', SESSION, text], { env });
    return stdout.trimEnd();
  } catch {
    return 'refused';
  }
}

/** The same through our reading of the string: what a run would log in with. */
async function askOurselves(text: string): Promise<string | 'refused'> {
  try {
    const env = { PGPASSFILE: '/nonexistent', HOME: '/nonexistent', LC_ALL: 'C' };
    const resolved = await resolveTarget({ text, env });
    if (resolved === undefined) throw new Error('no target');
    const [found] = (await chooseHosts(resolved, { timeoutUs: 10_000_000 })).chosen;
    const { address, port, user, database, password, applicationName, options } = found.target;
    const client = new pg.Client({
      ...{ host: address, port, user, database, password: password ?? '' },
      application_name: applicationName,
      ...(options === undefined ? {} : { options }),
    });
    await client.connect();
    const { rows } = await client.query({ text: SESSION, rowMode: 'array' });
    await client.end();
    // The pg library always asks for UTF-8; what our own login was told is what a run gets.
    const login = await tryLogin(found.target, 10_000_000);
    const encoding = login.ok ? login.parameters.client_encoding : undefined;
    return (rows[0] as unknown[]).with(4, encoding).join('|');
  } catch {
    return 'refused';
  }
}

describe.skipIf(PSQL === undefined)('libpq reads as we do', () => {
  it.each([
    'host=127.0.0.1 port=PORT user=storm password=SECRET dbname=storm application_name=a',
    "host = 127.0.0.1 port= PORT user ='storm' password=SECRET application_name='a b'",
    "host=127.0.0.1 port=PORT user=storm password=SECRET application_name='it\\'s \\\\ a'",
    "host=127.0.0.1 port=PORT user=storm password=SECRET application_name=it\\ is\\'s",
    "host='127.0.0.1'port=PORT user=storm password='SECRET'application_name=x%20y",
    'host=127.0.0.1 port=1 port=PORT user=storm password=SECRET application_name=a',
    "host=127.0.0.1 port=PORT user=storm password=SECRET application_name=a options='-c work_mem=3MB'",
    'host=127.0.0.1,127.0.0.1 port=1,PORT user=storm password=SECRET application_name=a',
    'host=nowhere hostaddr=127.0.0.1 port=PORT user=storm password=SECRET application_name=a',
    'host=127.0.0.1,127.0.0.1 port=1,PORT user=storm password=SECRET application_name=a target_session_attrs=primary',
    'postgres://storm:SECRET@127.0.0.1:PORT/storm?application_name=a',
    'host=127.0.0.1 port=PORT user=storm password=SECRET application_name=a client_encoding=LATIN1',
    'host=127.0.0.1 port=PORT user=storm password=SECRET application_name=a client_encoding=auto',
    'host=127.0.0.1 port=PORT user=storm password=SECRET application_name=a keepalives_idle=5 keepalives_count=10',
    'postgresql://storm:SECRET@127.0.0.1:PORT/?application_name=a%20b%2Bc+d',
    'postgres://s%74orm:SECRET@127.0.0.1:PORT/st%6Frm?application_name=%C3%A9',
    'postgres://storm:SECRET@127.0.0.1:1,127.0.0.1:PORT/storm?application_name=a',
    'postgres://storm:SECRET@/storm?host=127.0.0.1&port=PORT&application_name=a',
    'postgres://storm:SECRET@127.0.0.1:PORT/storm?application_name=a&options=-c%20work_mem%3D3MB',
    'postgres://storm:SECRET@127.0.0.1:PORT/storm?application_name=a&target_session_attrs=prefer-standby',
  ])('%s', async (template) => {
    const text = fillIn(template);
    const found = await askLibpq(text);
    expect(found).toMatch(/^storm\|storm\|/);
    expect(await askOurselves(text)).toBe(found);
  });

  it.each([
    'host=127.0.0.1 port=PORT user=storm password=SECRET hots=x',
    "host=127.0.0.1 port=PORT user=storm password='SECRET",
    'host=127.0.0.1 port=PORT,PORT user=storm password=SECRET',
    'host=127.0.0.1,127.0.0.1 port=PORT,PORT,PORT user=storm password=SECRET',
    'host=127.0.0.1 port=PORT user=storm password=SECRET client_encoding=nonsense',
    'host=127.0.0.1 port=PORT user=storm password=SECRET keepalives_idle=-1',
    'host=127.0.0.1 port=PORT user=storm password=SECRET keepalives=yes',
    'host=127.0.0.1 port=PORT user=storm password=SECRET tcp_user_timeout=1s',
    'host= port=PORT user=storm password=SECRET',
    'postgres://storm:SECRET@127.0.0.1:PORT/storm?options=-c work_mem=3MB',
    'postgres://storm:SECRET@127.0.0.1:PORT/storm?nonsense=1',
    'postgres://storm:SECRET@127.0.0.1:PORT/storm?sslmode',
    'postgres://storm:SECRET@127.0.0.1:PORT/st%orm',
    'postgres://storm:SECRET@127.0.0.1:PORT/storm%00',
    'host=127.0.0.1 port=PORT user=storm password=SECRET target_session_attrs=standby',
    // Refused by the server: the search for a host ends.
    'host=127.0.0.1,127.0.0.1 port=PORT user=storm password=wrong',
  ])('and refuses %s', async (template) => {
    const text = fillIn(template);
    expect([await askLibpq(text), await askOurselves(text)]).toEqual(['refused', 'refused']);
  });
});

describe('target_session_attrs', () => {
  it('is decided by what a real server reports', async () => {
    for (const [attrs, isFound] of [
      ['primary', true],
      ['read-write', true],
      ['standby', false],
      ['read-only', false],
    ] as const) {
      const text = `${lab().url}?target_session_attrs=${attrs}`;
      const resolved = await resolveTarget({ text, env: { PGPASSFILE: '/nonexistent' } });
      if (resolved === undefined) throw new Error('no target');
      const choosing = chooseHosts(resolved, { timeoutUs: 10_000_000 });
      if (isFound) expect((await choosing).chosen).toHaveLength(1);
      else await expect(choosing).rejects.toThrow(`(target_session_attrs=${attrs})`);
    }
    const options =
      '?options=-c%20default_transaction_read_only%3Don&target_session_attrs=read-only';
    const text = `${lab().url}${options}`;
    expect(parseConnectionString(text).get('options')?.value).toContain('=on');
    const resolved = await resolveTarget({ text, env: {} });
    if (resolved === undefined) throw new Error('no target');
    expect((await chooseHosts(resolved, { timeoutUs: 10_000_000 })).chosen).toHaveLength(1);
  });
});
