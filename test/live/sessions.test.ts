import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';
import type { Lab } from '../../src/lab/lab.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import { labForSuite } from '../support/servers/lab.ts';

/** How each way of closing looks to a real Postgres 18: pg_stat_database tells who went without a word. */

interface Sessions {
  sessions: number;
  abandoned: number;
  fatal: number;
  killed: number;
}

const CONNECTS = 40;
/** Of the run's own look at the target before the storm, which ends with Terminate; the third asks for server times. */
const PREFLIGHT = 3;

async function readSessions(lab: Lab): Promise<Sessions> {
  const client = new pg.Client(lab.superuserUrl);
  await client.connect();
  try {
    const { rows } = await client.query<Sessions>(
      `SELECT sessions::int, sessions_abandoned::int AS abandoned, sessions_fatal::int AS fatal,
         sessions_killed::int AS killed
       FROM pg_stat_database WHERE datname = 'storm'`,
    );
    return rows[0] as Sessions;
  } finally {
    await client.end();
  }
}

/** A backend counts its session as it ends, and how it ended with it, a moment after we have gone. */
function waitForSessions(lab: Lab, count: number): Promise<Sessions> {
  return vi.waitFor(
    async () => {
      const found = await readSessions(lab);
      expect(found.sessions).toBeGreaterThanOrEqual(count);
      expect(await countBackends(lab)).toBe(0);
      return readSessions(lab);
    },
    { timeout: 20_000, interval: 50 },
  );
}

async function countBackends(lab: Lab): Promise<number> {
  const client = new pg.Client(lab.superuserUrl);
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = 'storm'",
    );
    return rows[0]?.count ?? Number.NaN;
  } finally {
    await client.end();
  }
}

describe('the sessions that Postgres counts', () => {
  const lab = labForSuite();

  it.each<[string, string, Record<string, unknown>, number]>([
    ['terminate', 'wire', { close: 'terminate' }, 0],
    ['terminate', 'pg', { driver: 'pg', close: 'terminate' }, 0],
    ['server-first', 'wire', { close: 'server-first' }, 0],
    ['reset', 'wire', { close: 'reset' }, CONNECTS],
  ])('after close: %s by the %s driver are abandoned as they should', async (...row) => {
    const [, , connection, abandoned] = row;
    const before = await readSessions(lab());
    const { summary, header } = await runStorm(lab().url, {
      load: constantRate(40, '1s'),
      connection: { queries: 1, ...connection },
    });
    // The last arrival is of the sample: its backend may be asked for its age while the run ends.
    expect(header.serverTimes).toEqual({ notice: 'asked', sampleEvery: 3 });
    expect(summary.metrics.queueWaitEstimate?.count).toBe(14);
    expect(summary.accounting).toMatchObject({ ok: CONNECTS, failed: 0 });
    const after = await waitForSessions(lab(), before.sessions + PREFLIGHT + CONNECTS);
    expect(after.sessions - before.sessions).toBe(PREFLIGHT + CONNECTS);
    expect(after.abandoned - before.abandoned).toBe(abandoned);
    expect(after.fatal - before.fatal).toBe(0);
    expect(after.killed - before.killed).toBe(0);
  });
});
