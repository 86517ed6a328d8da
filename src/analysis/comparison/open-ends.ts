import type { Comparison, OpenCause } from '../../result/records/comparison.ts';
import type { RoundSummary } from '../../result/records/summary-records.ts';
import type { Figure } from '../../scenario/figure.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { isShortOfCpu } from '../validity/merely-late.ts';
import { findRank } from './rank-interval.ts';
import type { Bounds } from './ratio.ts';

/** Causes that left the ends of one value open; absent: that end is known. */
export interface OpenEnds {
  low?: OpenCause;
  high?: OpenCause;
}

/** Ends of a round that is left out and may have taken any time. */
export const LEFT_OUT: OpenEnds = { low: 'left-out', high: 'left-out' };

/**
 * Returns what left the ends of the values open, of `values[i]` from `rounds[i]`. `isShort`: connstorm waited for a CPU
 * over all rounds of the side together.
 */
export function listOpenEnds(
  values: readonly Bounds[],
  rounds: readonly RoundSummary[],
  figure: Figure,
  isShort: boolean,
): OpenEnds[] {
  return rounds.flatMap((round, index) => {
    const value = values[index];
    return value === undefined ? [] : [findOpenEnds(value, round, figure, isShort)];
  });
}

function findOpenEnds(
  { low, high }: Bounds,
  round: RoundSummary,
  { metric, aggregation }: Figure,
  isShort: boolean,
): OpenEnds {
  const hasValue = (round.metrics[metric]?.[QUANTILES[aggregation].field] ?? null) !== null;
  const lateness = isShort || isShortOfCpu(round) ? 'short-of-cpu' : 'late';
  return {
    ...(low === 0 ? { low: hasValue ? lateness : 'too-few' } : {}),
    ...(Number.isFinite(high) ? {} : { high: 'too-few' }),
  };
}

/** Returns what left the interval of a ratio without an end; no field if both ends are known. */
export function describeOpen(
  a: readonly OpenEnds[],
  b: readonly OpenEnds[],
): Pick<Comparison, 'openBy'> {
  const openBy = findOpenCauses(a, b);
  return openBy.length === 0 ? {} : { openBy };
}

/**
 * Returns the causes that are each enough to leave an end open, in the order of `CAUSES`. If an end has none like that,
 * these are all causes that have a part in it.
 */
function findOpenCauses(a: readonly OpenEnds[], b: readonly OpenEnds[]): OpenCause[] {
  const rank = findRank(a.length, b.length);
  if (rank === 0) return [];
  const found = [
    // A ratio is at least the low end of a divided by the high end of b, and at most the reverse.
    ...findCauses(
      a.map(({ low }) => low),
      b.map(({ high }) => high),
      rank,
    ),
    ...findCauses(
      a.map(({ high }) => high),
      b.map(({ low }) => low),
      rank,
    ),
  ];
  return CAUSES.filter((cause) => found.includes(cause));
}

const CAUSES: readonly OpenCause[] = ['left-out', 'too-few', 'short-of-cpu', 'late'];

type Causes = readonly (OpenCause | undefined)[];

/** Returns the causes of one end, which is open if at least `rank` of the ratios are. */
function findCauses(a: Causes, b: Causes, rank: number): OpenCause[] {
  const countOpen = (isMeant: (cause: OpenCause | undefined) => boolean): number => {
    const known = a.filter((cause) => !isMeant(cause)).length;
    return a.length * b.length - known * b.filter((cause) => !isMeant(cause)).length;
  };
  if (countOpen((cause) => cause !== undefined) < rank) return [];
  const enough = CAUSES.filter((cause) => countOpen((it) => it === cause) >= rank);
  return enough.length > 0 ? enough : CAUSES.filter((cause) => [...a, ...b].includes(cause));
}
