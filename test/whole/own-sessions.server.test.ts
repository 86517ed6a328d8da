import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Replica } from '../../src/lab/postgres/replicas.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { constantRate, runStorm } from '../support/run-storm.ts';
import { labForSuite } from '../support/servers/lab.ts';

/** The sessions that two servers of Postgres 18 count by themselves, beside those that a run tells of. */

const lab = labForSuite();
let replica: Replica;
beforeAll(async () => {
  replica = await lab().startReplica();
});

/** Resolves with the sessions of the storm's database that a server has counted, once their number stays the same. */
async function countSessions(superuserUrl: string): Promise<number> {
  // Another database, so that this session is not counted.
  const client = new pg.Client(superuserUrl);
  await client.connect();
  try {
    let before = -1;
    for (;;) {
      await client.query('SELECT pg_stat_clear_snapshot()');
      const { rows } = await client.query(
        `SELECT sessions::int AS now, (SELECT count(*)::int FROM pg_stat_activity WHERE datname = 'storm') AS open
          FROM pg_stat_database WHERE datname = 'storm'`,
      );
      const [{ now, open }] = rows;
      if (open === 0 && now === before) return now;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  } finally {
    await client.end();
  }
}

const bothServers = () => [lab().superuserUrl, replica.superuserUrl];
const countBoth = () => Promise.all(bothServers().map(countSessions));

function sumOwn({ ownSessions = [] }: SummaryRecord): number[] {
  return ownSessions.map(
    ({ before, beside }) => before + Object.values(beside).reduce((sum, count) => sum + count, 0),
  );
}

describe('the sessions that the servers count are those of the load and those that connstorm tells of as its own', () => {
  it.each([
    ['are spread over the hosts', 'at-start'],
    ['choose their host at each connect', 'each-attempt'],
  ])('if attempts %s, and each server has its share', async (_, hosts) => {
    const before = await countBoth();
    const { summary } = await runStorm(lab().allUrl, {
      load: constantRate(20, '3s'),
      connection: { hosts, timeout: '20s' },
      probes: true,
      killSwitch: { canary: '20s', witness: '20s' },
    });
    const after = await countBoth();
    const grown = after.map((count, at) => count - (before[at] ?? 0));
    const { accounting, ownSessions, hosts: counted } = summary;
    expect(accounting).toMatchObject({ due: 60, started: 60, ok: 60 });
    const own = sumOwn(summary);
    const ok = counted?.map((host) => host.ok) ?? [30, 30];
    expect(grown).toEqual(ok.map((count, at) => count + (own[at] ?? 0)));
    expect(Math.min(...ok)).toBeGreaterThan(5);
    // The probes watch the first host.
    expect(ownSessions).toMatchObject([
      { before: 2, beside: { canary: 1, server: 1, witness: expect.any(Number) } },
      { before: 2, beside: {} },
    ]);
  });

  it('with drop-all, which needs a session at each server, and a login for the times of a server', async () => {
    const before = await countSessions(lab().superuserUrl);
    const { summary } = await runStorm(lab().url, {
      load: { executor: 'burst', clients: 20, window: '500ms', duration: '3s' },
      connection: { hold: 'end', timeout: '20s' },
      retry: { policy: 'fixed', base: '100ms', timeout: '20s' },
      events: [{ at: '1500ms', do: 'drop-all' }],
    });
    const grown = (await countSessions(lab().superuserUrl)) - before;
    expect(summary.connections).toMatchObject({ opened: 40, cut: 20 });
    expect(summary.ownSessions).toMatchObject([{ before: 3, beside: { events: 1 } }]);
    expect(grown).toBe(summary.accounting.ok + (sumOwn(summary)[0] ?? Number.NaN));
  });
});
