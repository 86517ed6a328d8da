import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it, type TestContext } from 'vitest';
import { type Pooler, startPgBouncer } from '../../src/lab/pgbouncer.ts';
import { findServerAccount } from '../../src/lab/server-account.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { VariantsSummaryRecord } from '../../src/result/summary-records.ts';
import { withLab } from '../support/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../support/pgbouncer.ts';
import { constantRate, observe, runStorm, runVariants } from '../support/run-storm.ts';

/** The comparison of direct with pooled, on real servers. */

const ROUNDS = {
  load: constantRate(25, '600ms'),
  connection: { queries: 1 },
  repeat: 5,
  warmUp: '100ms',
};

const BOTH = { direct: { target: 'direct' }, pooled: { target: 'pooled' } };

function judged({ comparison }: VariantsSummaryRecord) {
  return comparison.find(({ primary }) => primary);
}

/** By these codes a machine without CPU for us takes a verdict away; being late alone does not. */
const SPOILT = ['GENERATOR_STARVED', 'WORKER_SATURATED', 'HOST_STOLEN', 'GENERATOR_STOPPED'];

/** Skips what is left of a test, and says why. */
function skipIfSpoilt({ validity, variants }: VariantsSummaryRecord, context: TestContext): void {
  const rounds = Object.values(variants).flatMap((variant) => variant.rounds);
  const reasons = [validity, ...rounds.map((round) => round.validity)].flatMap((it) => it.reasons);
  const found = reasons.find(({ code }) => SPOILT.includes(code));
  context.skip(found !== undefined, `no verdict from this machine: ${found?.code}`);
}

it('two servers that ask for other logins get no verdict, and that is warned of before', async () => {
  await withLab({ auth: 'scram-sha-256' }, async (one) => {
    await withLab({ auth: 'trust' }, async (other) => {
      const { summary, notes } = await runVariants([`direct=${one.url}`, `pooled=${other.url}`], {
        ...ROUNDS,
        load: constantRate(10, '200ms'),
        repeat: 1,
        variants: BOTH,
      });
      const mismatches = [
        'auth method differs: direct scram-sha-256, pooled trust (compare.across=[auth] where that is meant)',
        'direct and pooled reach different Postgres servers (compare.across=[server] where that is meant)',
      ];
      for (const mismatch of mismatches) {
        expect(notes).toContain(`warning: no verdict on pooled: ${mismatch}`);
      }
      const comparison = judged(summary);
      expect(comparison?.verdict).toBe('descriptive');
      expect(comparison?.reasons).toEqual(expect.arrayContaining(mismatches));
    });
  });
});

describe.skipIf(NO_PGBOUNCER !== '')(`direct against PgBouncer${NO_PGBOUNCER}`, () => {
  it('is slower until the first query, under SCRAM, pool warm', async (context) => {
    const { summary, notes, header } = await runVariants([], {
      ...ROUNDS,
      variants: BOTH,
      // The largest of a round's fifteen is the machine's.
      compare: { primary: 'firstQuery p(50)' },
      lab: { pgbouncer: { poolSize: 5 } },
    });
    expect(notes.join('\n')).not.toContain('no verdict on');
    const [direct, pooled] = header.variants.map(({ target }) => target.server);
    expect(direct?.instance).toBe(pooled?.instance);
    expect(direct?.auth).toBe('scram-sha-256');
    const comparison = judged(summary);
    expect(comparison).toMatchObject({ metric: 'firstQuery', a: 'pooled', b: 'direct' });
    skipIfSpoilt(summary, context);
    expect(comparison).toMatchObject({ verdict: 'faster', n: 5 });
  });

  it('that has one busy server connection is quick to log in and slow to answer, and that is the pooler', async (context) => {
    await withLab({}, async (lab) => {
      await withPgBouncer(lab, { poolSize: 1 }, async (pooler) => {
        const busy = await keepBusy(pooler.url);
        const { summary } = await runVariants([`direct=${lab.url}`, `pooled=${pooler.url}`], {
          ...ROUNDS,
          load: constantRate(15, '1s'),
          probes: true,
          variants: BOTH,
        }).finally(busy.stop);
        const { pooled } = summary.variants;
        const { latency, firstQuery } = pooled?.metrics ?? {};
        expect(firstQuery?.p50Us).toBeGreaterThan(5 * (latency?.p50Us ?? Infinity));
        expect(pooled?.bottleneck).toMatchObject({ cause: 'pooler', confidence: 'proven' });
        skipIfSpoilt(summary, context);
        expect(judged(summary)?.verdict).toBe('slower');
      });
    });
  });

  it('that is restarted in the midst has attempts fail, and none hangs', async () => {
    await withLab({ auth: 'trust' }, async (lab) => {
      const first = await lab.startPooler({});
      const request = {
        folder: lab.folder,
        account: findServerAccount(),
        serverUrl: lab.url,
        auth: 'trust',
        secret: '',
      } as const;
      let restarting: Promise<Pooler> | undefined;
      const restart = async (): Promise<Pooler> => {
        await first.stop();
        // Long enough for some to find nobody.
        await delay(300);
        return startPgBouncer(request, {}, () => first.port);
      };
      const interval = (): void => {
        restarting ??= restart();
      };
      const storm = { load: constantRate(40, '4s'), connection: { queries: 1 } };
      const { summary } = await runStorm(first.url, storm, {
        observer: observe([], { interval }),
      });
      await (await restarting)?.stop();
      const { accounting, connections, errors, stoppedBy } = summary;
      expect(stoppedBy).toBe('end');
      expect(accounting).toMatchObject({ due: 160, cancelled: 0, inFlight: 0 });
      expect(accounting.failed).toBeGreaterThan(0);
      expect(accounting.ok).toBeGreaterThan(80);
      expect(connections.open).toBe(0);
      for (const { layer } of errors) expect(['network', 'server']).toContain(layer);
    });
  });

  it('whose server is stopped still has clients ready, answers none of them, and the table says so', async () => {
    await withLab({ auth: 'trust' }, async (lab) => {
      await withPgBouncer(lab, {}, async ({ url }) => {
        const started: string[] = [];
        const legStarted = ({ variant }: { variant: string }): void => {
          started.push(variant);
          if (started.length === 6) process.kill(lab.pid, 'SIGINT');
        };
        const { summary, header } = await runVariants(
          [`direct=${lab.url}`, `pooled=${url}`],
          {
            load: constantRate(20, '1s'),
            connection: { queries: 1, timeout: '1s' },
            repeat: 3,
            variants: BOTH,
          },
          { observer: observe([], { legStarted }) },
        );
        expect(started.at(-1)).toBe('pooled');
        const { accounting, connections, metrics } = summary.variants.pooled ?? {};
        const failed = connections?.queryFailed ?? 0;
        expect(accounting?.ok).toBeGreaterThan(40);
        expect(failed).toBeGreaterThan(10);
        expect(metrics?.firstQuery?.count).toBe((accounting?.ok ?? 0) - failed);
        const report = renderReport(
          { summary, header },
          { columns: 80, colour: false, resultPath: null },
        );
        expect(report).toContain(`${failed} failed in a query`);
        const share = (row: string): number =>
          Number(new RegExp(`^${row} .*\\n +pooled +(\\d+)%`, 'm').exec(report)?.[1]);
        expect(share('first query p99')).toBeLessThan(share('latency p99'));
      });
    });
  });
});

/** A client that holds a connection of the pool for 0.2 s at a time, again and again, until it is stopped. */
async function keepBusy(url: string): Promise<{ stop: () => Promise<void> }> {
  const client = new pg.Client(url);
  await client.connect();
  let isOver = false;
  const looping = (async () => {
    while (!isOver) await client.query('SELECT pg_sleep(0.2)');
  })();
  return {
    stop: async () => {
      isOver = true;
      await looping;
      await client.end();
    },
  };
}
