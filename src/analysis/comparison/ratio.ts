import { findRank } from './rank-interval.ts';

/**
 * A duration that is known to lie between the two: equal where it was measured, and then above 0; `high` infinite where it is only "at
 * least", and `low` 0 where it is not even that.
 */
export interface Bounds {
  low: number;
  high: number;
}

/** How many times as large values are as others. */
export interface Ratio {
  /** Hodges-Lehmann: the median of all ratios between the two. */
  estimate: Bounds;
  /** What holds the true ratio in at least 95 of 100 cases; null for too few values. */
  interval: Bounds | null;
}

/**
 * The ratio of two samples of durations, one value a round: the shift of their logarithms by Hodges and Lehmann, unpaired, with the
 * exact interval (rank-interval.ts).
 *
 * A value of which only a lower bound is known makes the bounds of all its ratios as wide; ordered each for itself, lower bounds of
 * ratios bound the ordered ratios from below and upper ones from above. So what was not measured makes the interval open, and never
 * a false claim.
 */
export function estimateRatio(a: readonly Bounds[], b: readonly Bounds[]): Ratio {
  const lows = a.flatMap(({ low }) => b.map(({ high }) => Math.log(low) - Math.log(high)));
  const highs = a.flatMap(({ high }) => b.map(({ low }) => Math.log(high) - Math.log(low)));
  lows.sort(compare);
  highs.sort(compare);
  const rank = findRank(a.length, b.length);
  return {
    estimate: { low: Math.exp(medianOf(lows)), high: Math.exp(medianOf(highs)) },
    interval:
      rank === 0
        ? null
        : {
            low: Math.exp(lows[rank - 1] ?? -Infinity),
            high: Math.exp(highs.at(-rank) ?? Infinity),
          },
  };
}

/** The median of values of which some may only be bounds; null of none. */
export function medianBounds(values: readonly Bounds[]): Bounds | null {
  if (values.length === 0) return null;
  const lows = values.map(({ low }) => low).sort(compare);
  const highs = values.map(({ high }) => high).sort(compare);
  return { low: medianOf(lows), high: medianOf(highs) };
}

/** Infinite ones too. */
function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Of sorted values; NaN of none. */
function medianOf(sorted: readonly number[]): number {
  const middle = (sorted.length - 1) / 2;
  const [low, high] = [sorted[Math.floor(middle)] ?? NaN, sorted[Math.ceil(middle)] ?? NaN];
  return low === high ? low : (low + high) / 2;
}
