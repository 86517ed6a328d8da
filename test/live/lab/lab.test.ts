import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { type Lab, type LabOptions, startLab } from '../../../src/lab/lab.ts';
import type { SummaryRecord } from '../../../src/result/records/summary-records.ts';
import { runInProcess } from '../../support/cli/cli-in-process.ts';
import { temporaryPath } from '../../support/run-storm.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { labForSuite, withLab } from '../../support/servers/lab.ts';
import { startFromTemplate } from '../../support/servers/template.ts';

const versions = listInstalled();

/** The method by which the storm's role logs in, and the kind of its stored password. */
const LOGIN = `SELECT auth_method, CASE WHEN rolpassword LIKE 'md5%' THEN 'md5' ELSE split_part(rolpassword, '-', 1) END AS stored
                 FROM pg_hba_file_rules, pg_authid WHERE 'storm' = ANY (user_name) AND rolname = 'storm'`;

describe('a lab', () => {
  const settings = { max_connections: 20, work_mem: '3MB', 'a.b': "it's \\" };
  const lab = labForSuite({ settings }, startLab);

  it('is an embedded Postgres 18 with the settings asked for', async () => {
    expect(lab().version).toMatch(/^18\./);
    const settings = await query(
      lab().url,
      `SELECT current_setting('max_connections') AS max_connections, current_setting('work_mem') AS work_mem,
              current_setting('a.b') AS "a.b", current_setting('fsync') AS fsync,
              current_setting('listen_addresses') AS listen_addresses`,
    );
    expect(settings).toEqual([
      {
        max_connections: '20',
        work_mem: '3MB',
        'a.b': "it's \\",
        fsync: 'off',
        listen_addresses: '127.0.0.1',
      },
    ]);
  });

  it('gives the storm an ordinary role with a database of its own', async () => {
    const [role] = await query(
      lab().url,
      `SELECT current_user, rolsuper, rolcreaterole, current_database(),
              has_parameter_privilege('log_connections', 'SET') AS may_log
         FROM pg_roles WHERE rolname = current_user`,
    );
    expect(role).toEqual({
      current_user: 'storm',
      rolsuper: false,
      rolcreaterole: false,
      current_database: 'storm',
      may_log: true,
    });
    await query(lab().url, 'CREATE TABLE own (a int)');
  });

  it('lets the storm in from any address of the loopback net', async ({ skip }) => {
    skip(process.platform !== 'linux', '127.0.0.2 is there on Linux alone');
    const run = ['run', 'steady', '--rate', '20', '--duration', '500ms', '--json', '--out'];
    const addresses = '--set=connection.localAddresses=[127.0.0.2,127.0.0.3]';
    const { stdout, stderr } = await runInProcess([
      ...[...run, temporaryPath('result.ndjson'), '--target', lab().url],
      ...[addresses, '--set', 'killSwitch=false'],
    ]);
    const { accounting, errors }: SummaryRecord = JSON.parse(stdout);
    expect(accounting, stderr).toMatchObject({ started: 10, ok: 10 });
    expect(errors).toEqual([]);
  });

  it('has a superuser, for probes', async () => {
    const [role] = await query(lab().superuserUrl, 'SHOW is_superuser');
    expect(role).toEqual({ is_superuser: 'on' });
  });

  it('keeps its data where only the account of the server can read it', async () => {
    const [folder, data] = await Promise.all(
      [lab().folder, join(lab().folder, 'data')].map((path) => stat(path)),
    );
    expect((folder?.mode ?? 0) & 0o777).toBe(0o700);
    expect(folder?.uid).toBe(data?.uid);
    expect(folder?.uid).not.toBe(0);
    expect(await readdir(lab().folder)).not.toContain('superuser-password');
  });
});

describe('the login of the storm', () => {
  it.each([
    ['scram-sha-256', 'SCRAM'],
    ['md5', 'md5'],
    ['password', 'SCRAM'],
  ] as const)('uses %s where asked', async (auth, stored) => {
    await withLab({ auth }, async ({ url, superuserUrl }) => {
      expect(await query(superuserUrl, LOGIN)).toEqual([{ auth_method: auth, stored }]);
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      const wrong = query(url.replace(/:[^:]+@/, ':wrong@'), 'SELECT 1');
      await expect(wrong).rejects.toMatchObject({ code: '28P01' });
    });
  });

  it('needs no password under trust, while the superuser still does', async () => {
    await withLab({ auth: 'trust' }, async ({ url, superuserUrl }) => {
      expect(new URL(url).password).toBe('');
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      const wrong = query(superuserUrl.replace(/:[^:]+@/, ':wrong@'), 'SELECT 1');
      await expect(wrong).rejects.toMatchObject({ code: '28P01' });
    });
  });
});

describe('stop', () => {
  it('stops the server, removes the folder, and may be called twice', async () => {
    const lab = await startFromTemplate();
    await Promise.all([lab.stop(), lab.stop()]);
    await lab.stop();
    expectGone(lab);
  });

  it('stops a server that was suspended, and one with clients', async () => {
    const lab = await startFromTemplate();
    const client = new pg.Client(lab.url);
    const cut = new Promise((resolve) => client.on('error', resolve));
    await client.connect();
    process.kill(lab.pid, 'SIGSTOP');
    await lab.stop();
    await cut;
    expectGone(lab);
  });
});

describe('ended', () => {
  it('tells how the server ended when nobody stopped it', async () => {
    const lab = await startFromTemplate();
    process.kill(lab.pid, 'SIGKILL');
    expect(await lab.ended).toMatch(
      /^the lab's Postgres ended by itself: it was ended by SIGKILL, its log ends: .*ready to accept/,
    );
    await lab.stop();
    expectGone(lab);
  });
});

describe('a start that fails', () => {
  it.each([
    [{ no_such_setting: 1 }, /^settings no_such_setting: .*unrecognized configuration parameter/],
    [{ max_connections: 3 }, /^settings max_connections: .*superuser_reserved_connections/],
  ])('says in one line what the server has against the settings %j', async (settings, message) => {
    const error = await failedStart({ settings });
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('\n');
  });
});

it('starts every installed Postgres that postgresBin can name', async ({ skip }) => {
  skip(versions.length === 0, `nothing is in ${INSTALLED}`);
  for (const version of versions) {
    const postgresBin = join(INSTALLED, version, 'bin');
    const check = async (lab: Lab): Promise<void> => {
      expect(lab.version.split('.')[0]).toBe(version);
      const [row] = await query(lab.url, 'SHOW server_version');
      expect(row).toEqual({ server_version: expect.stringContaining(lab.version) });
      expect(await query(lab.superuserUrl, LOGIN)).toEqual([{ auth_method: 'md5', stored: 'md5' }]);
    };
    await withLab({ postgresBin, auth: 'md5' }, check, startLab);
  }
});

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function expectGone({ pid, folder }: Lab): void {
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(existsSync(folder)).toBe(false);
}

async function failedStart(options: LabOptions): Promise<Error> {
  const lab = await startFromTemplate(options).catch((error: Error) => error);
  if (lab instanceof Error) return lab;
  await lab.stop();
  throw new Error('the lab started');
}
