import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../src/lab/lab.ts';
import { DRIVER_NAMES } from '../../src/scenario/schema/driver-name.ts';
import { constantRate, observe, runStorm, type Storm } from '../support/run-storm.ts';
import { INSTALLED, listInstalled } from '../support/servers/installed.ts';
import { labForSuite, withLab } from '../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../support/servers/pgbouncer.ts';

/** What real servers tell of their own part in a connect. */

const LOAD = constantRate(100, '1s');

const POOLED = `behind a PgBouncer is asked nothing, and a line says why${NO_PGBOUNCER}`;

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** In its log, of its own times. */
async function countLines({ logPath }: Lab): Promise<number> {
  const log = await readFile(logPath, 'utf8');
  return log.match(/connection ready/g)?.length ?? 0;
}

const REVOKE = 'REVOKE SET ON PARAMETER log_connections FROM storm';
const GRANT = 'GRANT SET ON PARAMETER log_connections TO storm';

/** Every connect told: the parts within the whole, the whole within the service time. */
function expectTold({ summary, notes }: Storm): void {
  const { ok } = summary.accounting;
  const { serverSetup, serverFork, serverAuth, queueWait, serviceTime } = summary.metrics;
  expect(summary.validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
  expect(ok).toBe(100);
  expect([serverSetup, serverFork, serverAuth, queueWait].map((metric) => metric?.count)).toEqual([
    ok,
    ok,
    ok,
    ok,
  ]);
  const mean = (metric?: { meanUs: number | null }): number => metric?.meanUs ?? Number.NaN;
  expect(mean(serverFork)).toBeGreaterThan(0);
  expect(mean(serverFork) + mean(serverAuth)).toBeLessThan(mean(serverSetup));
  expect(mean(serverSetup) + mean(queueWait)).toBeLessThan(mean(serviceTime));
  expect(notes.join()).not.toContain('its own times');
}

describe('a Postgres 18', () => {
  const lab = labForSuite();

  it.each(DRIVER_NAMES)(
    'tells a role that is granted it, through the %s driver',
    async (driver) => {
      const storm = await runStorm(lab().url, { load: LOAD, connection: { driver } });
      expectTold(storm);
      expect(storm.header.serverTimes).toEqual({ notice: 'asked', sampleEvery: 9 });
      // The last arrival is of the sample: the end of the run waits for what its backend says.
      expect(storm.summary.metrics.queueWaitEstimate?.count).toBe(12);
    },
  );

  it('tells a superuser', async () => {
    expectTold(await runStorm(lab().superuserUrl, { load: LOAD }));
  });

  it('does not tell an ordinary role: one line says so, and the run goes on with the estimate', async () => {
    await asSuperuser(lab().superuserUrl, REVOKE);
    try {
      const { summary, notes } = await runStorm(lab().url, { load: LOAD });
      expect(notes.filter((note) => note.includes('its own times'))).toEqual([
        'the server does not report its own times of a connect, so queue waits are estimated from a sample: ' +
          'role "storm" may not ask for them (42501): GRANT SET ON PARAMETER log_connections TO storm allows it',
      ]);
      expect(summary.accounting).toMatchObject({ ok: 100, failed: 0 });
      expect(summary.metrics).not.toHaveProperty('serverSetup');
      expect(summary.metrics).not.toHaveProperty('queueWait');
      expect(summary.metrics.queueWaitEstimate?.count).toBe(12);
    } finally {
      await asSuperuser(lab().superuserUrl, GRANT);
    }
  });

  it('tells an ordinary role what it writes to its log anyway', async () => {
    await withLab({ settings: { log_connections: 'setup_durations' } }, async (telling) => {
      await asSuperuser(telling.superuserUrl, REVOKE);
      const storm = await runStorm(telling.url, { load: LOAD });
      expectTold(storm);
      expect(storm.header.serverTimes?.notice).toBe('listened');
    });
  });

  it('writes no line to its log where it is not asked', async () => {
    const before = await countLines(lab());
    await runStorm(lab().url, { load: LOAD, connection: { serverTimes: false } });
    expect(await countLines(lab())).toBe(before);
    await runStorm(lab().url, { load: LOAD });
    // The preflight asked once, to see whether it may.
    expect(await countLines(lab())).toBe(before + 101);
  });

  it('that is stopped for a while: the wait is in queue wait, attempt by attempt, and in the estimate', async () => {
    const stall = async (pid: number): Promise<number> => {
      const since = performance.now();
      process.kill(pid, 'SIGSTOP');
      await delay(800);
      process.kill(pid, 'SIGCONT');
      return (performance.now() - since) * 1000;
    };
    const seen: Promise<number>[] = [];
    const observer = observe([], {
      // The storm runs: the first of its intervals has been.
      interval: () => {
        if (seen.length === 0) seen.push(stall(lab().pid));
      },
    });
    const load = constantRate(60, '4s');
    const { summary, records } = await runStorm(lab().url, { load }, { observer });
    const stalledUs = (await seen[0]) ?? Number.NaN;
    expect(summary.accounting).toMatchObject({ ok: 240, failed: 0 });
    const slow = records
      .flatMap((record) => (record.type === 'interval' ? record.slowest : []))
      .filter(({ phases }) => (phases.spawn ?? 0) > 300_000);
    // Arrivals of the first 500 ms of the stall, at the least half of them.
    expect(slow.length).toBeGreaterThan(15);
    for (const { latencyUs, latenessUs, queueWaitUs = 0 } of slow) {
      expect(queueWaitUs).toBeLessThan(latencyUs - latenessUs);
    }
    // One may be stopped between accept and fork, and the last to be forked wait for a CPU more than in the queue.
    const queued = slow.filter(
      ({ queueWaitUs = 0, phases }) => queueWaitUs > 0.5 * (phases.spawn ?? 0),
    );
    expect(queued.length).toBeGreaterThan(slow.length / 2);
    const { queueWait, queueWaitEstimate, serverSetup, serviceTime } = summary.metrics;
    // How long the server takes to work off what came meanwhile is the machine's business.
    const longestUs = serviceTime?.maxUs ?? 0;
    expect(queueWait?.maxUs).toBeGreaterThan(stalledUs * 0.7);
    expect(queueWait?.maxUs).toBeLessThan(longestUs);
    // One in nine: five or so fall into the stall.
    expect(queueWaitEstimate?.maxUs).toBeGreaterThan(stalledUs * 0.4);
    // Its query comes after the login, and takes the time that a busy machine gives it.
    expect(queueWaitEstimate?.maxUs).toBeLessThan(longestUs + 2_000_000);
    // The stall is not in the server's own account.
    expect(serverSetup?.p50Us).toBeLessThan(stalledUs / 2);
  });

  it.skipIf(NO_PGBOUNCER !== '')(POOLED, async () => {
    await withPgBouncer(lab(), {}, async ({ url }) => {
      const { summary, notes, header } = await runStorm(url, {
        load: { ...LOAD, maxInFlight: 50 },
        connection: { queries: 1 },
      });
      expect(summary.accounting).toMatchObject({ ok: 100, failed: 0 });
      expect(header.target.server.pooler).toBe(true);
      expect(header).not.toHaveProperty('serverTimes');
      expect(notes.filter((note) => note.includes('which logs clients in by itself'))).toHaveLength(
        1,
      );
      expect(summary.metrics).not.toHaveProperty('queueWaitEstimate');
    });
  });
});

describe.each(listInstalled().filter((version) => Number(version) < 18))(
  'a Postgres %s',
  (version) => {
    const lab = labForSuite({ postgresBin: join(INSTALLED, version, 'bin') });

    it.each(DRIVER_NAMES)('has the estimate alone, through the %s driver', async (driver) => {
      const { summary, notes } = await runStorm(lab().url, { load: LOAD, connection: { driver } });
      expect(notes.join('\n')).toContain(
        `only PostgreSQL 18 or later reports them, and this is ${version}`,
      );
      expect(summary.accounting).toMatchObject({ ok: 100, failed: 0 });
      expect(summary.connections).toMatchObject({ closed: 100, queryFailed: 0 });
      const { queueWaitEstimate, serviceTime } = summary.metrics;
      expect(summary.metrics).not.toHaveProperty('serverSetup');
      expect(queueWaitEstimate?.count).toBe(12);
      expect(queueWaitEstimate?.meanUs).toBeLessThan(serviceTime?.maxUs ?? 0);
    });
  },
);
