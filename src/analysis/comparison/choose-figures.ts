import type { RoundSummary, VariantSummary } from '../../result/summary-records.ts';
import type { Figure, JudgedMetric } from '../../scenario/figure.ts';

/** What people wait for, the most telling first. A ReadyForQuery of a pooler proves nothing about the server behind it. */
const PRIMARY_METRICS = ['firstQuery', 'latency', 'serviceTime'] as const;

/** What is shown beside the primary figure. */
const SHOWN_METRICS = ['firstQuery', 'latency', 'serviceTime', 'spawn'] as const;
const SHOWN_AGGREGATIONS = ['p(50)', 'p(99)'] as const;

type Compared = { rounds: readonly Pick<RoundSummary, 'metrics'>[] } & Pick<
  VariantSummary,
  'boundaries'
>;

/**
 * p(99) of the first of first query, latency and service time that every side has. `asksQueries`: every side asked some, and one that
 * answers none must not be judged by what it does say.
 */
export function choosePrimary(sides: readonly Compared[], asksQueries = false): Figure {
  if (asksQueries) return { metric: 'firstQuery', aggregation: 'p(99)' };
  const metric = PRIMARY_METRICS.find((known) => sides.every((side) => has(side, known)));
  return { metric: metric ?? 'latency', aggregation: 'p(99)' };
}

/** The figures beside the primary one: of metrics that both have, and spawn only where it ends at the same boundary. */
export function listShown(a: Compared, b: Compared, primary: Figure): Figure[] {
  return SHOWN_METRICS.filter((metric) => has(a, metric) && has(b, metric))
    .filter((metric) => metric !== 'spawn' || haveSameBoundary(a, b))
    .flatMap((metric) => SHOWN_AGGREGATIONS.map((aggregation) => ({ metric, aggregation })))
    .filter((it) => it.metric !== primary.metric || it.aggregation !== primary.aggregation);
}

function has({ rounds }: Compared, metric: JudgedMetric): boolean {
  return rounds.some(({ metrics }) => metrics[metric] !== undefined);
}

/** Whether spawn means one thing on both sides. */
function haveSameBoundary(a: Compared, b: Compared): boolean {
  const [ofA, ofB] = [a, b].map(({ boundaries }) => Object.keys(boundaries));
  return ofA?.length === 1 && ofB?.length === 1 && ofA[0] === ofB[0] && ofA[0] !== 'absent';
}
