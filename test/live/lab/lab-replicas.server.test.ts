import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Lab } from '../../../src/lab/lab.ts';
import { readAllowedCpus } from '../../../src/probes/proc/cpus.ts';
import { resolveTarget } from '../../../src/targets/naming/resolve.ts';
import { chooseHosts } from '../../../src/targets/visit/choose-hosts.ts';
import { constantRate, runStorm } from '../../support/run-storm.ts';
import { INSTALLED, listInstalled } from '../../support/servers/installed.ts';
import { WAIT } from '../../support/servers/leftovers.ts';
import { startFromTemplate } from '../../support/servers/template.ts';

/** The embedded Postgres, and those that are installed and can have replicas. */
const VERSIONS: [string, string | undefined][] = [
  ['the embedded Postgres', undefined],
  ...listInstalled()
    .filter((version) => Number(version) >= 15)
    .map((version): [string, string] => [`Postgres ${version}`, join(INSTALLED, version, 'bin')]),
];

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.stop();
  lab = undefined;
});

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Resolves with the ports of the hosts that a run would use. */
async function choosePorts(text: string): Promise<string[]> {
  const resolved = await resolveTarget({ text, env: { PGPASSFILE: '/nonexistent' } });
  if (resolved === undefined) throw new Error('no target');
  const { chosen } = await chooseHosts(resolved, { timeoutUs: 10_000_000 });
  return chosen.map(({ target }) => String(target.port));
}

const portOf = (url: string): string => new URL(url).port;
const READ_KEPT = 'SELECT count(*)::int AS rows FROM kept';

describe.each(VERSIONS)('of %s', (_, bin) => {
  const start = async (count: number, options = {}): Promise<Lab> => {
    const postgresBin = bin === undefined ? {} : { postgresBin: bin };
    const started = await startFromTemplate({ ...postgresBin, ...options });
    lab = started;
    for (let index = 0; index < count; index++) await started.startReplica();
    return started;
  };

  it('two replicas follow their server, and come back from a restart', async () => {
    const { replicas, url } = await start(2);
    expect(replicas.map(({ name }) => name)).toEqual(['replica', 'replica2']);
    await query(url, 'CREATE TABLE kept AS SELECT 1');
    for (const replica of replicas) {
      const isThere = async () =>
        expect(await query(replica.url, READ_KEPT)).toEqual([{ rows: 1 }]);
      await vi.waitFor(isThere, WAIT);
      const before = replica.pid;
      await replica.control.stop('fast');
      await replica.control.start();
      expect(replica.pid).not.toBe(before);
      await isThere();
      await expect(query(replica.url, 'INSERT INTO kept VALUES (2)')).rejects.toThrow('read-only');
    }
  });

  it.each([true, false])(
    'the first replica is promoted, and the others follow it (lostPrimary: %s)',
    async (lostPrimary) => {
      const started = await start(2);
      const { replicas, url, control, pid } = started;
      const [first, second] = replicas;
      await query(url, 'CREATE TABLE kept AS SELECT 1');
      await started.promote({ lostPrimary });
      await query(first?.url ?? '', 'INSERT INTO kept VALUES (2)');
      const follows = async () =>
        expect(await query(second?.url ?? '', READ_KEPT)).toEqual([{ rows: 2 }]);
      await vi.waitFor(follows, WAIT);
      if (lostPrimary) {
        expect(() => process.kill(pid, 0)).toThrow('ESRCH');
        await expect(control.crash()).rejects.toThrow('it is stopped');
      } else {
        // It is a second primary now.
        await query(url, 'INSERT INTO kept VALUES (3)');
        expect(await query(url, READ_KEPT)).toEqual([{ rows: 2 }]);
      }
      await expect(started.promote({ lostPrimary })).rejects.toThrow(
        /^the lab's replica was not promoted: recovery is not in progress/,
      );
    },
  );

  it('a target of all has every host, and one of the primary finds it after a promotion', async () => {
    const started = await start(1);
    const { url, replicas } = started;
    const [direct, replica] = [url, replicas[0]?.url ?? ''].map(portOf);
    expect(await choosePorts(started.allUrl)).toEqual([direct, replica]);
    expect(await choosePorts(started.primaryUrl)).toEqual([direct]);
    await started.promote({ lostPrimary: true });
    expect(await choosePorts(started.primaryUrl)).toEqual([replica]);
  });
});

it('a replica costs as much to fork as its server, on CPUs of its own (needs two CPUs)', async ({
  skip,
}) => {
  const cpus = (readAllowedCpus() ?? []).map(String);
  skip(cpus.length < 2, 'there is one CPU');
  const [first = '', second = ''] = cpus;
  lab = await startFromTemplate({ cpus: first, forkCostMs: 0.5 });
  await lab.startReplica({ cpus: second });
  await lab.startReplica();
  const readCpus = async (pid: number): Promise<string | undefined> =>
    /^Cpus_allowed_list:\s*(\S+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  const [own, inherited] = lab.replicas;
  expect(await readCpus(lab.pid)).toBe(first);
  expect(await readCpus(own?.pid ?? 0)).toBe(second);
  expect(await readCpus(inherited?.pid ?? 0)).toBe(first);
  await own?.control.stop('fast');
  await own?.control.start();
  expect(await readCpus(own?.pid ?? 0)).toBe(second);
  expect(await readFile(`/proc/${own?.pid}/environ`, 'utf8')).toContain('fork-cost.so');
});

it('a lab without replicas promotes none', async () => {
  lab = await startFromTemplate();
  await expect(lab.promote({ lostPrimary: true })).rejects.toThrow(
    'the lab has no replica that could be promoted: set lab.replicas to 1 or more',
  );
  expect(await query(lab.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

it('a replica that does not come up is told in one line', async () => {
  lab = await startFromTemplate({ settings: { wal_level: 'minimal', max_wal_senders: 0 } });
  const error = await lab.startReplica().catch((caught: Error) => caught);
  expect((error as Error).message).toMatch(/^the lab's replica did not start: WAL level not suff/);
  expect((error as Error).message).not.toContain('\n');
});

it('the lab ends if a replica does, and is stopped in the middle of a promotion', async () => {
  lab = await startFromTemplate();
  const replica = await lab.startReplica();
  const promoting = lab.promote({ lostPrimary: true }).catch((error: Error) => error);
  await lab.stop();
  await promoting;
  expect(() => process.kill(replica.pid, 0)).toThrow('ESRCH');

  lab = await startFromTemplate();
  process.kill((await lab.startReplica()).pid, 'SIGKILL');
  expect(await lab.ended).toMatch(/^the lab's replica ended by itself: it was ended by SIGKILL/);
});

it('a run spreads its attempts over the server and its replica', async () => {
  const { summary, header } = await runStorm(undefined, {
    load: constantRate(20, '2s'),
    connection: { queries: 1 },
    target: 'all',
    lab: { replicas: 1 },
  });
  expect(summary.accounting).toMatchObject({ started: 40, ok: 40, failed: 0 });
  const roles = header.target.hosts?.map(({ server }) => server.serverRole);
  expect(roles).toEqual(['primary', 'standby']);
});

it('a run over both serves half of its attempts at each, by the count of the servers', async () => {
  const started = await startFromTemplate({ settings: { log_connections: true } });
  lab = started;
  const replica = await started.startReplica();
  const count = async (path: string): Promise<number> =>
    (await readFile(path, 'utf8')).match(/connection authorized: user=storm/g)?.length ?? 0;
  const logs = [started.logPath, replica.logPath];
  const { summary } = await runStorm(started.allUrl, { load: constantRate(50, '2s') });
  expect(summary.accounting).toMatchObject({ started: 100, ok: 100 });
  for (const log of logs) {
    // Besides the load, only connstorm's visits before it: at most ten.
    expect(await count(log)).toBeGreaterThanOrEqual(50);
    expect(await count(log)).toBeLessThanOrEqual(60);
  }
});

it('a run goes to the replica that it names', async () => {
  const { summary, header } = await runStorm(undefined, {
    load: constantRate(20, '1s'),
    target: 'replica2',
    lab: { replicas: 2 },
  });
  expect(summary.accounting).toMatchObject({ ok: 20 });
  expect(header.target).toMatchObject({ role: 'replica2', server: { serverRole: 'standby' } });
});
