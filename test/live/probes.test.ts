import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readMonotonicUs } from '../../src/clock.ts';
import type { Lab } from '../../src/lab/lab.ts';
import { findBinaries } from '../../src/lab/postgres/binaries.ts';
import { createCluster } from '../../src/lab/postgres/cluster.ts';
import { startPostmaster } from '../../src/lab/postgres/postmaster.ts';
import { renderSettings } from '../../src/lab/postgres/settings.ts';
import { createLabFolder } from '../../src/lab/process/lab-folder.ts';
import { findServerAccount } from '../../src/lab/process/server-account.ts';
import { startWatchdog } from '../../src/lab/process/watchdog.ts';
import { Probes, type ProbesInput } from '../../src/probes/probes.ts';
import type { Seen } from '../../src/probes/server/merge-seen.ts';
import type { ProbeReport } from '../../src/probes/server/probe-journal.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type { ProbeRecord, SampleRecord } from '../../src/result/records/samples.ts';
import { resolveTarget } from '../../src/targets/naming/resolve.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import { INSTALLED, listInstalled } from '../support/servers/installed.ts';
import { labForSuite, withLab } from '../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../support/servers/pgbouncer.ts';

const onLinux = process.platform === 'linux';

interface Probing {
  told: ProbeReport[];
  seen: Seen[];
  alarms: string[];
  /** Of a probe, the states it was in. */
  states(probe: string): string[];
  /** Resolves when one is told after those there are now. */
  next<Name extends SampleRecord['probe']>(
    probe: Name,
    fits?: (sample: Extract<SampleRecord, { probe: Name }>) => boolean,
  ): Promise<Extract<SampleRecord, { probe: Name }>>;
}

const running: Probes[] = [];
afterEach(async () => {
  for (const probes of running.splice(0)) await probes.stop();
});

async function startProbing(url: string, over: Partial<ProbesInput>): Promise<Probing> {
  const target = (await resolveTarget({ text: url, env: {} }))?.hosts[0]?.target;
  if (target === undefined) throw new Error('the server has no address');
  const probes = await Probes.start({
    endpoint: target,
    isEncrypted: false,
    timeoutUs: 10_000_000,
    watch: undefined,
    isFullExpected: false,
    sampled: undefined,
    ...over,
  });
  running.push(probes);
  const told: ProbeReport[] = [];
  const seen: Seen[] = [];
  const alarms: string[] = [];
  probes.listen({
    t0Us: readMonotonicUs(),
    told: (report) => told.push(report),
    seen: (it) => seen.push(it),
    alarmed: (reason) => alarms.push(reason),
    slowed: () => {},
    cameBack: () => {},
  });
  return {
    told,
    seen,
    alarms,
    states: (probe) => told.flatMap((it) => (isState(it, probe) ? it.state : [])),
    next: (probe, fits = () => true) => {
      const from = told.length;
      return vi.waitFor(() => {
        const found = told.slice(from).find((it) => isSample(it, probe) && fits(it));
        if (found === undefined || !isSample(found, probe)) throw new Error(`no ${probe} yet`);
        return found;
      }, 60_000);
    },
  };
}

function isState(report: ProbeReport, probe: string): report is ProbeRecord {
  return report.type === 'probe' && report.probe === probe;
}

function isSample<Name extends SampleRecord['probe']>(
  report: ProbeReport,
  probe: Name,
): report is Extract<SampleRecord, { probe: Name }> & ProbeReport {
  return report.type === 'sample' && report.probe === probe;
}

/** Of a process, in two counters of ticks of 10 ms. */
const TICKS_US = 20_000;
function readCpuUs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** All that can be seen of a lab. */
function sampleLab({ url, pid }: Pick<Lab, 'url' | 'pid'>): ProbesInput['sampled'] {
  return { host: { pid, port: Number(new URL(url).port) }, pooler: undefined };
}

/** In the database of the storm. */
async function runAsSuperuser({ url, superuserUrl }: Lab, statement: string) {
  const { pathname } = new URL(url);
  const client = new pg.Client(Object.assign(new URL(superuserUrl), { pathname }).href);
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}

async function countStorm(lab: Lab): Promise<number | null> {
  const { rowCount } = await runAsSuperuser(
    lab,
    "SELECT FROM pg_stat_activity WHERE usename = 'storm'",
  );
  return rowCount;
}

const KILL_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'storm'";

describe('the probes of a lab', () => {
  const lab = labForSuite();

  it('come back when somebody kills their connections, and say so', async () => {
    const probing = await startProbing(lab().url, { sampled: sampleLab(lab()) });
    await probing.next('canary', ({ answersUs }) => answersUs.length > 0);
    await runAsSuperuser(lab(), KILL_ALL);
    const back = await probing.next('canary', ({ reconnects }) => reconnects === 1);
    expect(back.answersUs.length).toBeGreaterThan(0);
    await probing.next('server');
    expect(probing.states('canary')).toEqual(['on', 'lost', 'back']);
    expect(probing.states('server')).toEqual(['on', 'lost', 'back']);
    for (const probe of ['canary', 'server']) {
      const reason = expect.stringContaining('terminating connection due to administrator command');
      expect(probing.told).toContainEqual(
        expect.objectContaining({ probe, state: 'lost', reason }),
      );
    }
  });

  it('have one canary with the kill switch, which it kills', async () => {
    const probing = await startProbing(lab().url, {
      watch: { canaryUs: 2_000_000, witnessUs: 5_000_000, endsStep: false },
      sampled: sampleLab(lab()),
    });
    await vi.waitFor(() => {
      expect(probing.seen.some(({ witness }) => witness.connected > 0)).toBe(true);
    }, 60_000);
    const seen = probing.seen.reduce((sum, { canary }) => sum + canary.answered, 0);
    expect(seen).toBeGreaterThan(0);
    await probing.next('canary', ({ answersUs }) => answersUs.length > 0);
    // The canary's and that of the views; a witness comes and goes.
    await vi.waitFor(async () => expect(await countStorm(lab())).toBe(2), 60_000);
    await runAsSuperuser(lab(), KILL_ALL);
    await vi.waitFor(() => expect(probing.alarms).toHaveLength(1), 60_000);
    expect(probing.alarms[0]).toMatch(/^kill switch: the canary lost its connection \(57P01/);
    expect(probing.states('canary')).toEqual(['on', 'lost']);
  });

  it.runIf(onLinux)('see a stopped postmaster that those let in do not notice', async () => {
    const probing = await startProbing(lab().url, { sampled: sampleLab(lab()) });
    process.kill(lab().pid, 'SIGSTOP');
    try {
      const { postmaster } = await probing.next('host', (it) => it.postmaster?.isStopped === true);
      const whole = await probing.next('host');
      expect(postmaster?.isStopped).toBe(true);
      expect(whole.postmaster).toEqual({ onCpuUs: 0, waitUs: 0, isStopped: true });
      const canary = await probing.next('canary');
      expect(canary.answersUs.length).toBeGreaterThan(0);
    } finally {
      process.kill(lab().pid, 'SIGCONT');
    }
    const { postmaster } = await probing.next('host');
    expect(postmaster?.isStopped).toBeUndefined();
  });

  it.runIf(onLinux)('see what a storm costs the postmaster and its children', async () => {
    const { records, summary } = await runStorm(lab().url, {
      load: constantRate(60, '2s'),
      probes: true,
    });
    const idle = await startProbing(lab().url, { sampled: sampleLab(lab()) });
    const quiet = await idle.next('host');
    const host = listSamples(records, 'host');
    const onCpuUs = host.reduce((sum, it) => sum + (it.postmaster?.onCpuUs ?? 0), 0);
    const reapedUs = host.reduce((sum, it) => sum + (it.reapedUs ?? 0), 0);
    const elapsedUs = host.reduce((sum, it) => sum + it.elapsedUs, 0);
    expect(elapsedUs).toBeGreaterThan(1_000_000);
    // A fork costs 0.2 ms and more, a backend ten times that; an idle postmaster wakes once a minute.
    expect(onCpuUs).toBeGreaterThan(60 * 50);
    expect(reapedUs).toBeGreaterThan(onCpuUs);
    expect(onCpuUs / elapsedUs).toBeGreaterThan(
      2 * ((quiet.postmaster?.onCpuUs ?? 0) / quiet.elapsedUs),
    );
    expect(host[0]?.acceptQueue?.limit).toBeGreaterThan(0);
    const started = listSamples(records, 'server').map(({ sessions }) => sessions?.started ?? 0);
    expect(started.reduce((sum, it) => sum + it, 0)).toBeGreaterThan(0);
    const end = records.find(({ type }) => type === 'end');
    for (const samples of [host, listSamples(records, 'server')]) {
      // Of all of the load, and of nothing before: from a look shortly before T0 on, one after the other.
      const edges = samples.map(({ atUs, elapsedUs: of }) => [atUs - of, atUs]);
      expect(edges.slice(1).map(([from]) => from)).toEqual(edges.slice(0, -1).map(([, to]) => to));
      expect(edges[0]?.[0]).toBeLessThanOrEqual(0);
      expect(edges[0]?.[1]).toBeGreaterThan(0);
      expect(edges.at(-1)?.[1]).toBeGreaterThanOrEqual(end?.type === 'end' ? end.atUs : Infinity);
    }
    const { serverCpuPerConnectUs, poolerCpuPerConnectUs, backendsMost } = summary.cost ?? {};
    expect((serverCpuPerConnectUs ?? 0) * 120).toBeGreaterThan(onCpuUs + reapedUs - TICKS_US);
    expect(poolerCpuPerConnectUs).toBeNull();
    // The probes' own.
    expect(backendsMost).toBeGreaterThanOrEqual(2);
  });

  it.runIf(onLinux)('see what a backend does that lives on, and that it is one more', async () => {
    const probing = await startProbing(lab().url, { sampled: sampleLab(lab()) });
    const client = new pg.Client(lab().superuserUrl);
    await client.connect();
    try {
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
      // Canary, views, and this one.
      await probing.next('host', ({ backends }) => backends === 3);
      const before = readCpuUs(rows[0].pid);
      const from = probing.told.length;
      await client.query('SELECT count(*) FROM generate_series(1, 1500000)');
      const burnedUs = readCpuUs(rows[0].pid) - before;
      await probing.next('host');
      const seen = probing.told.slice(from).filter((it) => isSample(it, 'host'));
      const seenUs = seen.reduce((sum, { serverCpuUs = 0 }) => sum + serverCpuUs, 0);
      const reapedUs = seen.reduce((sum, it) => sum + (it.reapedUs ?? 0), 0);
      expect(seenUs).toBeGreaterThan(burnedUs - TICKS_US);
      expect(reapedUs).toBeLessThan(burnedUs / 2);
    } finally {
      await client.end();
    }
    await probing.next('host', ({ backends }) => backends === 2);
  });

  it('that are denied say why once, and the run goes on', async () => {
    await runAsSuperuser(lab(), 'REVOKE SELECT ON pg_stat_database FROM public');
    try {
      const sampled = { host: { reason: 'not on this machine' }, pooler: undefined };
      const probing = await startProbing(lab().url, { sampled });
      await probing.next('canary', ({ answersUs }) => answersUs.length > 0);
      expect(probing.states('host')).toEqual(['off']);
      expect(probing.states('server')).toEqual(['off']);
      expect(probing.told).toContainEqual(
        expect.objectContaining({ probe: 'host', state: 'off', reason: 'not on this machine' }),
      );
      const reason = expect.stringContaining('permission denied for view pg_stat_database');
      expect(probing.told).toContainEqual(
        expect.objectContaining({ probe: 'server', state: 'off', reason }),
      );
    } finally {
      await runAsSuperuser(lab(), 'GRANT SELECT ON pg_stat_database TO public');
    }
  });

  it('of a postmaster that nothing is told of are off', async () => {
    const gone = 2 ** 22 + 1; // Above the highest pid there can be.
    const sampled = { host: { pid: gone, port: 5432 }, pooler: undefined };
    const probing = await startProbing(lab().url, { sampled });
    expect(probing.told).toContainEqual(
      expect.objectContaining({ probe: 'host', state: 'off', reason: expect.any(String) }),
    );
  });

  it.runIf(onLinux)('are not asked for unless a scenario wants them', async () => {
    const { records } = await runStorm(lab().url, { load: constantRate(20, '500ms') });
    const probed = records.filter((it) => it.type === 'probe' || isProbed(it));
    expect(probed).toEqual([]);
  });

  it.skipIf(NO_PGBOUNCER !== '')(
    `ask the console of a pooler in between${NO_PGBOUNCER}`,
    async () => {
      await withPgBouncer(lab(), { poolMode: 'session', poolSize: 5 }, async ({ url }) => {
        const { records, summary } = await runStorm(url, {
          load: constantRate(30, '2s'),
          connection: { queries: 1, hold: '300ms' },
          probes: true,
        });
        const pools = listSamples(records, 'pooler');
        expect(pools.length).toBeGreaterThan(1);
        const most = (of: (sample: (typeof pools)[number]) => number) => Math.max(...pools.map(of));
        // Nine at a time want one of five.
        expect(most((it) => it.clientsActive)).toBeGreaterThan(0);
        expect(most((it) => it.clientsWaiting)).toBeGreaterThan(0);
        expect(most((it) => it.serversActive)).toBeLessThanOrEqual(5);
        expect(most((it) => it.waitedUs ?? 0)).toBeGreaterThan(0);
        if (onLinux) {
          expect(most((it) => it.cpuUs ?? 0)).toBeGreaterThan(0);
          expect(pools.at(-1)?.acceptQueue?.limit).toBeGreaterThan(0);
          expect(summary.cost?.serverCpuPerConnectUs).toBeGreaterThan(0);
          expect(summary.cost?.poolerCpuPerConnectUs).toBeGreaterThan(0);
          expect(summary.cost?.backendsMost).toBeLessThanOrEqual(5);
        }
        const off = records.filter((it) => it.type === 'probe' && it.state === 'off');
        expect(off).toEqual([
          expect.objectContaining({ probe: 'server', reason: 'a pooler is in between' }),
        ]);
      });
    },
  );

  it.skipIf(NO_PGBOUNCER !== '')(
    `say once that a console is not for this role${NO_PGBOUNCER}`,
    async () => {
      await withPgBouncer(lab(), { settings: { stats_users: '' } }, async ({ url }) => {
        const { records, summary } = await runStorm(url, {
          load: constantRate(20, '1s'),
          probes: true,
        });
        expect(summary.accounting).toMatchObject({ ok: 20 });
        const told = records.filter((it) => it.type === 'probe' && it.probe === 'pooler');
        expect(told).toEqual([
          expect.objectContaining({ state: 'off', reason: expect.stringContaining('not allowed') }),
        ]);
      });
    },
  );
});

it.runIf(onLinux)('probes find a postmaster again that was restarted', async () => {
  const account = findServerAccount();
  const folder = await createLabFolder(account);
  const watchdog = await startWatchdog(folder);
  try {
    const binaries = await findBinaries(undefined, folder, account);
    const cluster = { folder, binaries, account, conf: renderSettings({}), superuserPassword: 'x' };
    const dataFolder = await createCluster({ ...cluster, auth: 'trust' });
    const options = { name: 'Postgres', folder, dataFolder, binaries, account };
    const first = await startPostmaster(options);
    const url = `postgres://postgres:x@127.0.0.1:${first.port}/postgres?sslmode=disable`;
    const probing = await startProbing(url, { sampled: sampleLab({ url, pid: first.pid }) });
    await probing.next('host');
    process.kill(first.pid, 'SIGINT');
    await first.ended;
    const second = await startPostmaster(options, () => first.port);
    const { acceptQueue } = await probing.next('host', () =>
      probing.states('host').includes('back'),
    );
    expect(acceptQueue).toMatchObject({ depth: expect.any(Number) });
    expect(probing.states('host')).toEqual(['on', 'lost', 'back']);
    expect(probing.states('canary')).toEqual(['on', 'lost', 'back']);
    expect(probing.told).toContainEqual(
      expect.objectContaining({
        probe: 'host',
        state: 'back',
        reason: `the postmaster is process ${second.pid} now`,
      }),
    );
  } finally {
    await watchdog.stop();
  }
});

it('ask each installed Postgres for what it has', async ({ skip }) => {
  const versions = listInstalled();
  if (versions.length === 0) skip('no other Postgres is installed');
  for (const version of versions) {
    await withLab({ postgresBin: `${INSTALLED}/${version}/bin` }, async ({ url, pid }) => {
      const probing = await startProbing(url, { sampled: sampleLab({ url, pid }) });
      const { sessions, parallelWorkers, activity } = await probing.next('server');
      const none = { abandoned: 0, fatal: 0, killed: 0 };
      const expected = Number(version) < 14 ? undefined : expect.objectContaining(none);
      expect(sessions).toEqual(expected);
      expect(parallelWorkers).toBe(Number(version) < 18 ? undefined : 0);
      // The canary, which may be asking.
      expect((activity?.idle ?? 0) + (activity?.active ?? 0)).toBe(1);
    });
  }
});

function isProbed(record: ResultRecord): boolean {
  return record.type === 'sample' && record.probe !== 'generator';
}

function listSamples<Name extends SampleRecord['probe']>(
  records: readonly ResultRecord[],
  probe: Name,
): Extract<SampleRecord, { probe: Name }>[] {
  return records.filter(
    (it): it is Extract<SampleRecord, { probe: Name }> =>
      it.type === 'sample' && it.probe === probe,
  );
}
