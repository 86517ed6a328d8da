import { describe, expect, it } from 'vitest';
import { constantRate, runVariants } from '../support/run-storm.ts';
import { NO_PGBOUNCER } from '../support/servers/pgbouncer.ts';

/** Whole comparisons on the lab: what is the same is not called different, what a pooler buys is. */

const SCENARIO = {
  load: constantRate(25, '2s', { arrivals: 'poisson' }),
  connection: { queries: 1 },
  repeat: 5,
  warmUp: '500ms',
};

it.each([1, 2, 3])('direct against direct is not called different, run %d', async (seed) => {
  const variants = { one: {}, other: {} };
  const { summary } = await runVariants([], { ...SCENARIO, variants, seed });
  const [judged] = summary.comparison;
  console.log(`direct / direct: ${judged?.verdict} ${judged?.low}-${judged?.high}`);
  expect(judged?.n).toBeGreaterThanOrEqual(4);
  expect(judged?.verdict).not.toMatch(/faster|slower/);
});

describe.skipIf(NO_PGBOUNCER !== '')(`PgBouncer${NO_PGBOUNCER}`, () => {
  it.each(['scram-sha-256', 'trust'])('is faster until the first query under %s', async (auth) => {
    const variants = { direct: { target: 'direct' }, pooled: { target: 'pooled' } };
    const lab = { postgres: { auth } };
    const { summary } = await runVariants([], { ...SCENARIO, variants, lab });
    const [judged] = summary.comparison;
    console.log(`pooled / direct, ${auth}: ${judged?.verdict} ${judged?.low}-${judged?.high}`);
    expect(judged).toMatchObject({ verdict: 'faster', a: 'pooled', b: 'direct' });
  });
});
