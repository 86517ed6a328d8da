import type { RoundSummary, VariantSummary } from '../../result/records/summary-records.ts';
import type { Figure, JudgedMetric } from '../../scenario/figure.ts';

/**
 * Times that people wait for, the most telling one first. ReadyForQuery from a pooler proves nothing about the server
 * behind it.
 */
const PRIMARY_METRICS = ['firstQuery', 'latency', 'serviceTime'] as const;
/**
 * The same times from the actual start, without connstorm's own lateness. They are used if it is known that lateness
 * has not changed the load.
 */
const PRIMARY_FROM_START = ['firstQueryServiceTime', 'serviceTime'] as const;

/** Metrics that are judged if every side has statements of its own. */
const PRIMARY_WITH_STATEMENTS = { fromStart: 'usableServiceTime', fromSchedule: 'usable' } as const;

/** Aggregation that is judged unless the scenario names one. */
export const PRIMARY_AGGREGATION = 'p(99)';

/** Metrics that are shown beside the primary figure. */
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
 * Returns p(99) of the first query, or of the connect if no queries are asked. It counts from the actual start if every
 * side recorded how many attempts were in flight at its starts, else from the schedule. Only metrics that every side
 * has are chosen. `asks`: what every side asks for. A side that answers none of it must not be judged by its connects.
 * If every side has statements of its own, the time until connections are usable takes the place of the first query.
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

/**
 * Returns the figures beside the primary one, of metrics that both sides have. Spawn is among them only if it ends at
 * the same boundary on both.
 */
export function listShown(a: Compared, b: Compared, primary: Figure): Figure[] {
  return SHOWN_METRICS.filter((metric) => has(a, metric) && has(b, metric))
    .filter((metric) => metric !== 'spawn' || haveSameBoundary(a, b))
    .filter((metric) => !FROM_START.includes(metric) || isScheduled(a) || isScheduled(b))
    .flatMap((metric) => SHOWN_AGGREGATIONS.map((aggregation) => ({ metric, aggregation })))
    .filter((it) => it.metric !== primary.metric || it.aggregation !== primary.aggregation);
}

/** Metrics that in a closed loop equal their counterpart from the schedule, because both count from the start. */
const FROM_START: readonly JudgedMetric[] = ['firstQueryServiceTime', 'usableServiceTime'];

/** Returns whether the side has a schedule. In a closed loop, the first query counts from the start in any case. */
function isScheduled(side: Compared): boolean {
  return has(side, 'latency');
}

function has({ rounds }: Compared, metric: JudgedMetric): boolean {
  return rounds.some(({ metrics }) => metrics[metric] !== undefined);
}

/** Returns whether spawn ends at the same boundary on both sides. */
function haveSameBoundary(a: Compared, b: Compared): boolean {
  const [ofA, ofB] = [a, b].map(({ boundaries }) => Object.keys(boundaries));
  return ofA?.length === 1 && ofB?.length === 1 && ofA[0] === ofB[0] && ofA[0] !== 'absent';
}
