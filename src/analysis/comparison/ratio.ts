import { compareNumbers, medianOf } from '../figures/median.ts';
import { findRank } from './rank-interval.ts';

/**
 * A duration that lies between two bounds. They are equal and above 0 if it was measured. `high` is infinite if only a
 * lower bound is known, and `low` is 0 if not even that is.
 */
export interface Bounds {
  low: number;
  high: number;
}

/** Ratio of two samples. */
export interface Ratio {
  /** Hodges-Lehmann estimate: the median of all ratios between the two samples. */
  estimate: Bounds;
  /** Contains the true ratio in at least 95 of 100 cases; null: too few values. */
  interval: Bounds | null;
}

/**
 * Returns the ratio of two samples of durations, one value for each round. It is the shift of their logarithms by
 * Hodges and Lehmann, unpaired, with the exact interval (rank-interval.ts).
 *
 * A value with only a lower bound gives bounds for all its ratios. Lower bounds, ordered by themselves, bound the
 * ordered ratios from below, and upper bounds from above. So what was not measured opens the interval, and never makes
 * it claim something false.
 */
export function estimateRatio(a: readonly Bounds[], b: readonly Bounds[]): Ratio {
  const lows = a.flatMap(({ low }) => b.map(({ high }) => Math.log(low) - Math.log(high)));
  const highs = a.flatMap(({ high }) => b.map(({ low }) => Math.log(high) - Math.log(low)));
  lows.sort(compareNumbers);
  highs.sort(compareNumbers);
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

/** Returns the median of values; a value may be a range. Null if there are no values. */
export function medianBounds(values: readonly Bounds[]): Bounds | null {
  if (values.length === 0) return null;
  return {
    low: medianOf(values.map(({ low }) => low)),
    high: medianOf(values.map(({ high }) => high)),
  };
}
