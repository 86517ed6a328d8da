import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lab } from '../../../src/lab/lab.ts';
import type { ServerControl } from '../../../src/lab/postgres/server-control.ts';
import { readAllowedCpus } from '../../../src/probes/proc/cpus.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { findProcesses, WAIT } from '../../support/servers/leftovers.ts';
import { startFromTemplate } from '../../support/servers/template.ts';

/** The embedded Postgres, and those that are installed. */
const VERSIONS: [string, string | undefined][] = [
  ['the embedded Postgres', undefined],
  ...listInstalled().map((version): [string, string] => [
    `Postgres ${version}`,
    join(INSTALLED, version, 'bin'),
  ]),
];

let lab: Lab;
let clients: pg.Client[];
beforeEach(() => {
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => {})));
  await lab.stop();
});

async function connect(url = lab.url): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

const ask = async (sql: string): Promise<Record<string, unknown> | undefined> =>
  (await (await connect()).query(sql)).rows[0];

/** Resolves with how the lab says its server ended, or with undefined if it says nothing. */
const endSoFar = (): Promise<string | undefined> =>
  Promise.race([lab.ended, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);

const readLog = (): Promise<string> => readFile(lab.logPath, 'utf8');

describe.each(VERSIONS)('%s', (_, bin) => {
  const start = async (): Promise<ServerControl> => {
    const postgresBin = bin === undefined ? {} : { postgresBin: bin };
    lab = await startFromTemplate({ settings: { work_mem: '3MB' }, ...postgresBin });
    return lab.control;
  };

  it.each(['fast', 'immediate'] as const)(
    'comes back after a %s stop with its port, data, settings, log and account',
    async (mode) => {
      const control = await start();
      await ask('CREATE TABLE kept AS SELECT 7 AS seven');
      const before = lab.pid;
      await control.stop(mode);
      expect(() => process.kill(before, 0)).toThrow('ESRCH');
      await expect(connect()).rejects.toThrow('ECONNREFUSED');
      await control.start();
      expect(lab.pid).not.toBe(before);
      expect(control.pid).toBe(lab.pid);
      expect(await ask('SELECT seven FROM kept')).toEqual({ seven: 7 });
      expect(await ask('SHOW work_mem')).toEqual({ work_mem: '3MB' });
      const log = await readLog();
      expect(log.match(/database system is ready to accept/g)).toHaveLength(2);
      expect(log).toContain(`received ${mode} shutdown request`);
      expect(await endSoFar()).toBeUndefined();
    },
  );

  it('waits for clients in a smart stop, until a fast one ends them', async () => {
    const control = await start();
    const client = await connect();
    const left: string[] = [];
    client.on('end', () => left.push('client'));
    const smart = control.stop('smart').then(() => left.push('server'));
    await vi.waitFor(async () => expect(await readLog()).toContain('smart shutdown'), WAIT);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await Promise.all([control.stop('fast'), smart]);
    expect(left).toContain('server');
    expect(await endSoFar()).toBeUndefined();
  });

  it('kills one backend of the storm in a crash, cuts all others off, and keeps its postmaster', async () => {
    const control = await start();
    await expect(control.crash()).rejects.toThrow(
      "the lab's Postgres has no backend to crash: no client is connected",
    );
    const superuser = await connect(lab.superuserUrl);
    const { rows } = await (await connect()).query('SELECT pg_backend_pid() AS pid');
    const cut = new Promise((resolve) => superuser.once('end', resolve));
    const before = lab.pid;
    expect(await control.crash()).toBe(rows[0].pid);
    await cut;
    await vi.waitFor(async () => expect(await ask('SELECT 1 AS one')).toEqual({ one: 1 }), WAIT);
    expect(lab.pid).toBe(before);
    const log = await readLog();
    expect(log).toContain(`(PID ${rows[0].pid}) was terminated by signal 9`);
    expect(await endSoFar()).toBeUndefined();
  });

  it('takes no new connection in a stall, and answers on those that are there', async () => {
    const control = await start();
    const client = await connect();
    const began = performance.now();
    const stalled = control.stall(1_000_000);
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    const answeredAfter = performance.now() - began;
    await Promise.all([connect(), stalled]);
    expect(performance.now() - began).toBeGreaterThan(999);
    expect(answeredAfter).toBeLessThan(performance.now() - began);
    expect(await endSoFar()).toBeUndefined();
  });
});

describe('what the present state does not allow is refused', () => {
  it('while the server is stopped', async () => {
    lab = await startFromTemplate();
    const { control } = lab;
    await expect(control.start()).rejects.toThrow("the lab's Postgres cannot start: it is running");
    await control.stop('fast');
    for (const act of [control.stop('fast'), control.crash(), control.stall(1)]) {
      await expect(act).rejects.toThrow(/^the lab's Postgres cannot \w+: it is stopped$/);
    }
  });

  it('while it is being started or is stalled, and after the end of the lab', async () => {
    lab = await startFromTemplate();
    const { control } = lab;
    const stalled = control.stall(300_000);
    await expect(control.stall(1)).rejects.toThrow("the lab's Postgres is stalled already");
    await stalled;
    await control.stop('fast');
    const starting = control.start();
    await expect(control.start()).rejects.toThrow('cannot start: it is being started');
    await expect(control.stop('fast')).rejects.toThrow('cannot stop: it is being started');
    await starting;
    await lab.stop();
    await expect(control.crash()).rejects.toThrow(/^the lab's Postgres cannot crash|^the lab is/);
  });
});

it('reports the end of a restarted server that nobody stopped', async () => {
  lab = await startFromTemplate();
  await lab.control.stop('fast');
  await lab.control.start();
  process.kill(lab.pid, 'SIGKILL');
  expect(await lab.ended).toMatch(/^the lab's Postgres ended by itself: it was ended by SIGKILL/);
});

it('says why a server does not start again, and takes a later start', async () => {
  lab = await startFromTemplate();
  const superuser = await connect(lab.superuserUrl);
  await superuser.query("ALTER SYSTEM SET shared_preload_libraries = 'missing'");
  await lab.control.stop('fast');
  await expect(lab.control.start()).rejects.toThrow(
    /^the lab's Postgres 18\.\S+ did not start: .*could not access file "missing"/,
  );
  const superseded = join(lab.folder, 'data', 'postgresql.auto.conf');
  execFileSync('cp', ['/dev/null', superseded]);
  await lab.control.start();
  expect(await ask('SELECT 1 AS one')).toEqual({ one: 1 });
  expect(await endSoFar()).toBeUndefined();
});

describe('the stop of the lab leaves nothing', () => {
  const expectGone = async (): Promise<void> => {
    expect(await findProcesses(`${lab.folder}/`)).toEqual([]);
    expect(existsSync(lab.folder)).toBe(false);
  };

  it.each<[string, (control: ServerControl) => Promise<unknown>]>([
    ['while it stops smartly, with a client', (control) => control.stop('smart')],
    ['while it stops fast', (control) => control.stop('fast')],
    ['while it is stalled', (control) => control.stall(60_000_000)],
    [
      'while it stops and is stalled',
      (control) => Promise.all([control.stall(60_000_000), control.stop('fast')]),
    ],
    [
      'while it starts',
      async (control) => {
        await control.stop('fast');
        return control.start();
      },
    ],
  ])('%s', async (_, act) => {
    lab = await startFromTemplate();
    await connect();
    const acting = act(lab.control).catch((error: Error) => error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await lab.stop();
    await acting;
    await expectGone();
    expect(await endSoFar()).toBeUndefined();
  });
});

const cpus = readAllowedCpus() ?? [];

it.skipIf(cpus.length < 2 || !existsSync('/usr/bin/taskset'))(
  'keeps CPUs, niceness, account and the cost of forks over a restart (needs two CPUs and taskset)',
  async () => {
    const last = String(cpus.at(-1));
    lab = await startFromTemplate({ cpus: last, forkCostMs: 0.5 });
    const before = await describeProcesses();
    expect(before.every(({ cpus: own }) => own === last)).toBe(true);
    await lab.control.stop('fast');
    await lab.control.start();
    expect(await describeProcesses()).toEqual(before);
    expect(getPriority(lab.pid)).toBe(lab.niceness);
  },
);

/** Describes the postmaster and its children by what a restart must keep. */
async function describeProcesses() {
  await connect();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const all = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1];
      return { pid, parent: field('PPid'), cpus: field('Cpus_allowed_list'), uid: field('Uid') };
    }),
  );
  const own = all.filter(({ pid, parent }) => [pid, parent].includes(String(lab.pid)));
  const environment = await readFile(`/proc/${lab.pid}/environ`, 'utf8');
  const preload = /LD_PRELOAD=([^\0]*)/.exec(environment)?.[1];
  const kinds = new Map(own.map(({ cpus, uid }) => [`${cpus} ${uid}`, { cpus, uid, preload }]));
  return [...kinds.values()];
}
