import pg from 'pg';
import { describe, expect, it, type TestContext } from 'vitest';
import type { VariantsSummaryRecord } from '../../src/result/records/summary-records.ts';
import { constantRate, runVariants } from '../support/run-storm.ts';
import { withLab } from '../support/servers/lab.ts';
import { NO_PGBOUNCER, withPgBouncer } from '../support/servers/pgbouncer.ts';

/** The comparison of direct with pooled, on real servers. A machine that others keep busy may hide a verdict, hardly three times. */

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

const OPTIONS = { skip: NO_PGBOUNCER !== '', retry: 2 };

describe(`direct against PgBouncer${NO_PGBOUNCER}`, OPTIONS, () => {
  it('is slower until the first query, under SCRAM, pool warm', async (context) => {
    const { summary, notes, header } = await runVariants([], {
      ...ROUNDS,
      variants: BOTH,
      // The largest of a round's fifteen is the machine's.
      compare: { primary: 'firstQueryServiceTime p(50)' },
      lab: { pgbouncer: { poolSize: 5 } },
    });
    expect(notes.join('\n')).not.toContain('no verdict on');
    const [direct, pooled] = header.variants.map(({ target }) => target.server);
    expect(direct?.instance).toBe(pooled?.instance);
    expect(direct?.auth).toBe('scram-sha-256');
    const comparison = judged(summary);
    expect(comparison).toMatchObject({ metric: 'firstQueryServiceTime', a: 'pooled', b: 'direct' });
    skipIfSpoilt(summary, context);
    expect(comparison).toMatchObject({ verdict: 'faster', n: 5 });
  });

  it('that has one busy server connection is quick to log in and slow to answer, and that is the pooler', async (context) => {
    await withLab({}, async (lab) => {
      await withPgBouncer(lab, { poolSize: 1 }, async (pooler) => {
        const busy = await keepBusy(pooler.url);
        const { summary } = await runVariants([`direct=${lab.url}`, `pooled=${pooler.url}`], {
          ...ROUNDS,
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
