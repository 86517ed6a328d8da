import type { RoundSummary, VariantSummary } from '../../result/records/summary-records.ts';
import type { Figure, JudgedMetric } from '../../scenario/figure.ts';

/** What people wait for, the most telling first. A ReadyForQuery of a pooler proves nothing about the server behind it. */
const PRIMARY_METRICS = ['firstQuery', 'latency', 'serviceTime'] as const;
/** The same since the actual start, free of connstorm's own lateness: where it is known that this has not changed the load. */
const PRIMARY_FROM_START = ['firstQueryServiceTime', 'serviceTime'] as const;

/** What is judged where every side has statements of its own. */
const PRIMARY_WITH_STATEMENTS = { fromStart: 'usableServiceTime', fromSchedule: 'usable' } as const;

/** What is judged where the scenario does not say. */
export const PRIMARY_AGGREGATION = 'p(99)';

/** What is shown beside the primary figure. */
const SHOWN_METRICS = [
  'usableServiceTime',
  'usable',
  'firstQueryServiceTime',
  'firstQuery',
  'latency',
  'serviceTime',
  'spawn',
] as const;
const SHOWN_AGGREGATIONS = ['p(50)', 'p(99)'] as const;

/** What the connections of every side sent. `statements`: statements of the scenario's own. */
export type Asked = 'nothing' | 'queries' | 'statements';

type Compared = { rounds: readonly Pick<RoundSummary, 'metrics'>[] } & Pick<
  VariantSummary,
  'boundaries' | 'crowd'
>;

/**
 * p(99) of the first query, or of the connect without queries: since the actual start where every side tells how crowded its starts
 * were, else since the schedule. Of metrics that every side has. `asks`: what every side asked for; one that answers none of it must not
 * be judged by what it does say. With statements of their own, the time until connections are usable takes the place of the first query.
 */
export function choosePrimary(sides: readonly Compared[], asks: Asked = 'nothing'): Figure {
  const isCrowdTold = sides.every(({ crowd }) => crowd !== undefined);
  if (asks === 'statements') {
    const metric = PRIMARY_WITH_STATEMENTS[isCrowdTold ? 'fromStart' : 'fromSchedule'];
    return { metric, aggregation: PRIMARY_AGGREGATION };
  }
  const known = isCrowdTold ? PRIMARY_FROM_START : PRIMARY_METRICS;
  const metric =
    asks === 'queries'
      ? known[0]
      : known.find((candidate) => sides.every((side) => has(side, candidate)));
  return { metric: metric ?? 'latency', aggregation: PRIMARY_AGGREGATION };
}

/** The figures beside the primary one: of metrics that both have, and spawn only where it ends at the same boundary. */
export function listShown(a: Compared, b: Compared, primary: Figure): Figure[] {
  return SHOWN_METRICS.filter((metric) => has(a, metric) && has(b, metric))
    .filter((metric) => metric !== 'spawn' || haveSameBoundary(a, b))
    .filter((metric) => !IN_BOTH_WAYS.includes(metric) || isScheduled(a) || isScheduled(b))
    .flatMap((metric) => SHOWN_AGGREGATIONS.map((aggregation) => ({ metric, aggregation })))
    .filter((it) => it.metric !== primary.metric || it.aggregation !== primary.aggregation);
}

/** In a closed loop what these lead to counts from the start anyway. */
const IN_BOTH_WAYS: readonly JudgedMetric[] = ['firstQueryServiceTime', 'usableServiceTime'];

function isScheduled(side: Compared): boolean {
  return has(side, 'latency');
}

function has({ rounds }: Compared, metric: JudgedMetric): boolean {
  return rounds.some(({ metrics }) => metrics[metric] !== undefined);
}

/** Whether spawn means one thing on both sides. */
function haveSameBoundary(a: Compared, b: Compared): boolean {
  const [ofA, ofB] = [a, b].map(({ boundaries }) => Object.keys(boundaries));
  return ofA?.length === 1 && ofB?.length === 1 && ofA[0] === ofB[0] && ofA[0] !== 'absent';
}
