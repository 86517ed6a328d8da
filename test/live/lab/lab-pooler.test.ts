import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import { type PoolerRequest, startPgBouncer } from '../../../src/lab/pgbouncer/pgbouncer.ts';
import { countServerConnections } from '../../../src/lab/pgbouncer/pgbouncer-ini.ts';
import { AUTH_METHODS } from '../../../src/lab/postgres/storm-role.ts';
import { chooseRandomPort } from '../../../src/lab/process/port.ts';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';
import { labForSuite, withLab } from '../../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../../support/servers/pgbouncer.ts';
import { startFromTemplate } from '../../support/servers/template.ts';

let clients: pg.Client[] = [];
afterEach(async () => {
  await Promise.all(clients.map((client) => client.end()));
  clients = [];
});

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return (await (await connect(url)).query(sql)).rows;
}

const BACKEND = 'SELECT current_user, pg_backend_pid() AS pid';

describe.skipIf(NO_PGBOUNCER !== '')(`a lab's pooler${NO_PGBOUNCER}`, () => {
  const lab = labForSuite();

  it.each(AUTH_METHODS)('logs in to the server whom it lets in by %s', async (auth) => {
    const check = async (served: Lab) => {
      const { url, logPath } = await served.startPooler();
      expect(await query(url, BACKEND)).toMatchObject([{ current_user: 'storm' }]);
      const wrong = query(url.replace(/storm(:[^@]+)?@/, 'storm:wrong@'), BACKEND);
      if (auth === 'trust') await wrong;
      else await expect(wrong).rejects.toThrow(/authentication failed/);
      // What a client would have to derive a key from is kept from PgBouncer, unless the server itself asks for it.
      const users = await readFile(join(dirname(logPath), 'users.txt'), 'utf8');
      const { password } = new URL(served.url);
      expect(password !== '' && users.includes(password)).toBe(auth === 'password');
    };
    if (auth === 'scram-sha-256') await check(lab());
    else await withLab({ auth }, check);
  });

  it('says what it is, and yields the CPU as the server does', async () => {
    await withPgBouncer(lab(), { poolSize: 4 }, async (pooler) => {
      expect(pooler).toMatchObject({ poolMode: 'transaction', poolSize: 4 });
      expect(pooler.pids).toHaveLength(1);
      expect(pooler.version).toMatch(/^1\.\d+/);
      expect(pooler.niceness).toBe(lab().niceness);
      expect(await readFile(pooler.logPath, 'utf8')).toContain(
        `[${pooler.pids[0]}] LOG process up`,
      );
    });
  });

  it("lets the storm's role read its console", async () => {
    await withPgBouncer(lab(), {}, async ({ url }) => {
      const console = new URL(url);
      console.pathname = '/pgbouncer';
      for (const [show, column] of [
        ['POOLS', 'cl_active'],
        ['STATS', 'total_wait_time'],
        ['LISTS', 'items'],
      ] as const) {
        expect((await query(console.href, `SHOW ${show}`))[0]).toHaveProperty(column);
      }
    });
  });

  it.each([
    ['transaction', 1],
    ['session', 2],
  ] as const)('in %s mode gives two idle clients %i backends', async (poolMode, backends) => {
    await withPgBouncer(lab(), { poolMode }, async ({ url }) => {
      const rows = [...(await query(url, BACKEND)), ...(await query(url, BACKEND))];
      expect(new Set(rows.map(({ pid }) => pid)).size).toBe(backends);
    });
  });

  it.each([{}, { poolSize: 3, processes: 2 }, { poolSize: 3, settings: { default_pool_size: 5 } }])(
    'keeps as many connections as are told before it runs: %j',
    async (options) => {
      await withPgBouncer(lab(), options, async ({ poolSize, pids }) => {
        expect(poolSize * pids.length).toBe(countServerConnections(options));
      });
    },
  );

  it('of several processes shares one port and one log among them', async () => {
    await withPgBouncer(lab(), { processes: 3 }, async (pooler) => {
      expect(new Set(pooler.pids).size).toBe(3);
      const log = await readFile(pooler.logPath, 'utf8');
      const ups = [...log.matchAll(/\[(\d+)\] LOG process up/g)].map(([, pid]) => Number(pid));
      expect(ups.sort()).toEqual([...pooler.pids].sort());
      // Which of them takes a connect is the kernel's choice.
      for (let logins = 0; logins < 12; logins++) await query(pooler.url, BACKEND);
      expect(await readFile(pooler.logPath, 'utf8')).not.toContain('ERROR');
    });
  });

  it('takes its settings, and says what PgBouncer has against those it refuses', async () => {
    const settings = { application_name_add_host: true };
    await withPgBouncer(lab(), { settings }, async ({ url }) => {
      const [row] = await query(url, 'SHOW application_name');
      expect(row?.application_name).toContain('127.0.0.1');
    });
    const refused = lab().startPooler({ settings: { no_such_setting: 1 } });
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(
      /^settings no_such_setting: the lab's PgBouncer did not start: .*unknown parameter: pgbouncer\/no_such_setting.*$/,
    );
  });

  it.each([1, 2])(
    'of %i processes takes another port where one is taken, and gives up after five',
    async (processes) => {
      const holder = createServer().listen(0, '127.0.0.1');
      await once(holder, 'listening');
      const taken = (holder.address() as AddressInfo).port;
      const request: PoolerRequest = {
        folder: lab().folder,
        account: findServerAccount(),
        serverUrl: lab().url,
        auth: 'trust',
        secret: '',
      };
      const tried: number[] = [];
      const starting = startPgBouncer(request, { processes }, () => {
        tried.push(taken);
        return taken;
      });
      await expect(starting).rejects.toThrow(
        /^the lab's PgBouncer did not start: it found no free port/,
      );
      expect(tried).toHaveLength(5);
      const ports = [taken, taken];
      const pooler = await startPgBouncer(
        request,
        { processes },
        () => ports.pop() ?? chooseRandomPort(),
      );
      expect(pooler.port).not.toBe(taken);
      expect(pooler.pids).toHaveLength(processes);
      await pooler.stop();
      holder.close();
    },
  );

  it('ends by itself before the lab, with its files', async () => {
    const pooler = await lab().startPooler({ processes: 2 });
    await Promise.all([pooler.stop(), pooler.stop()]);
    for (const pid of pooler.pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(existsSync(dirname(pooler.logPath))).toBe(false);
  });

  it('tells when a process of it ends, and is gone with the lab, suspended or not', async () => {
    const other = await startFromTemplate();
    const [dying, suspended] = [
      await other.startPooler({ processes: 2 }),
      await other.startPooler(),
    ];
    process.kill(dying.pids[1] ?? 0, 'SIGKILL');
    expect(await other.ended).toMatch(
      /^the lab's PgBouncer ended by itself: it was ended by SIGKILL, its log ends: .*process up/,
    );
    for (const pid of suspended.pids) process.kill(pid, 'SIGSTOP');
    await other.stop();
    for (const pid of [...dying.pids, ...suspended.pids]) {
      expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    }
    expect(existsSync(other.folder)).toBe(false);
  });
});
