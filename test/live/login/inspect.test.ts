import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { inspect } from '../../../src/commands/inspect.ts';
import type { InspectionReport } from '../../../src/report/inspect/inspection.ts';
import { captureIo } from '../../commands/captured-io.ts';
import { labForSuite, withLab } from '../../support/servers/lab.ts';

async function look(target: string): Promise<InspectionReport> {
  const { io, readStdout } = captureIo();
  expect(await inspect.execute({ target, json: true }, io)).toEqual([]);
  const text = readStdout();
  expect(text).not.toContain(new URL(target).password);
  return JSON.parse(text);
}

async function run(url: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const names = ({ costs }: InspectionReport): string[] => costs.map(({ name }) => name);

describe('inspecting a Postgres 18 where connects are dear', () => {
  const lab = labForSuite({
    settings: {
      max_connections: 40,
      log_connections: 'receipt',
      log_hostname: true,
      authentication_timeout: '5min',
    },
  });

  it('takes a key=value string with several hosts, and looks at the first that answers', async () => {
    const { port, username, password } = new URL(lab().url);
    const login = `user=${username} password=${password}`;
    const target = `host=127.0.0.1,127.0.0.1 port=1,${port} ${login} connect_timeout=5`;
    const { io, readStdout } = captureIo();
    expect(await inspect.execute({ target, json: true }, io)).toEqual([]);
    const report: InspectionReport = JSON.parse(readStdout());
    expect(report.target).toBe(`postgres://${username}@127.0.0.1:${port}/${username}`);
    expect(report.server.version).toBe(lab().version);
  });

  it('finds what an ordinary role may see', async () => {
    const report = await look(lab().url);
    expect(report).toMatchObject({
      type: 'inspection',
      lab: false,
      local: true,
      server: {
        version: lab().version,
        auth: 'scram-sha-256',
        tls: null,
        pooler: false,
        slots: { max: 40, reserved: 3, used: 0, free: 37 },
      },
      limits: {
        superuser: false,
        role: { limit: -1, used: 0 },
        database: { limit: -1, used: 0 },
      },
      loginTriggers: [],
    });
    if (process.platform === 'linux') expect(report.postmasterPid).toBe(lab().pid);
    expect(names(report)).toEqual(['log_connections', 'log_hostname', 'authentication_timeout']);
    expect(report.unseen).toEqual(['shared_preload_libraries', 'session_preload_libraries']);
    expect(report.generator.cpuCount).toBeGreaterThan(0);
  });

  it('shows a superuser everything', async () => {
    const report = await look(lab().superuserUrl);
    expect(report.unseen).toEqual([]);
    expect(report.cheap).toContain('shared_preload_libraries');
    expect(report.limits?.superuser).toBe(true);
  });

  it("tells the limits of role and database, what they have, and the database's login triggers", async () => {
    const { url, superuserUrl } = lab();
    const { username: role, pathname } = new URL(url);
    const inDatabase = new URL(superuserUrl);
    inDatabase.pathname = pathname;
    await run(
      inDatabase.href,
      `ALTER ROLE ${role} CONNECTION LIMIT 7`,
      `ALTER DATABASE ${pathname.slice(1)} CONNECTION LIMIT 9`,
      `CREATE FUNCTION greet() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'`,
      'CREATE EVENT TRIGGER greeting ON login EXECUTE FUNCTION greet()',
      'CREATE EVENT TRIGGER silenced ON login EXECUTE FUNCTION greet()',
      'ALTER EVENT TRIGGER silenced DISABLE',
    );
    const held = new pg.Client(url);
    await held.connect();
    try {
      const report = await look(url);
      expect(report.limits).toEqual({
        superuser: false,
        role: { limit: 7, used: 1 },
        database: { limit: 9, used: 1 },
      });
      expect(report.server.slots).toMatchObject({ used: 1, free: 6 });
      expect(report.loginTriggers).toEqual(['greeting']);
      expect(names(report)).toContain('login triggers');
    } finally {
      await held.end();
    }
  });
});

it('inspects the lab where no target is given, and says so', async () => {
  const { io, readStdout, readStderr } = captureIo();
  expect(await inspect.execute({}, io)).toEqual([]);
  expect(readStderr()).toContain('no target given: starting a Postgres to inspect');
  const text = readStdout();
  expect(text).toContain('(lab)');
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('inspects every installed Postgres', async ({ skip }) => {
  const installed = '/usr/lib/postgresql';
  if (!existsSync(installed)) skip(`no Postgres in ${installed}`);
  for (const version of readdirSync(installed)) {
    await withLab({ postgresBin: join(installed, version, 'bin'), auth: 'md5' }, async (lab) => {
      const report = await look(lab.url);
      expect(report.server).toMatchObject({ version: lab.version, auth: 'md5', pooler: false });
      expect(report.loginTriggers).toEqual([]);
    });
  }
});
