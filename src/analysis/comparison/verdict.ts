import type { ComparisonVerdict } from '../../result/comparison.ts';
import type { Bounds } from './ratio.ts';

/** Ratios between the two are no difference that matters. */
export interface Margin {
  low: number;
  high: number;
}

/** What counts as a difference: more than this share of the baseline, and more than this time. */
export interface MarginSettings {
  relative: number;
  absoluteUs: number;
}

/** Around a baseline of `baselineUs`, the larger of the two. A duration below `absoluteUs` has no ratio below which it were faster. */
export function findMargin(baselineUs: number, { relative, absoluteUs }: MarginSettings): Margin {
  const share = Math.max(relative, absoluteUs / baselineUs);
  return { low: Math.max(0, 1 - share), high: 1 + share };
}

/**
 * What an interval of the ratio says of durations: different where all of it lies beyond the margin, equivalent where all of it lies
 * within, else nobody knows. Where it is open on the side that would matter, it is not beyond: who has too few survivors wins nothing.
 */
export function judgeInterval(
  interval: Bounds,
  margin: Margin,
): Exclude<ComparisonVerdict, 'descriptive'> {
  if (interval.high < margin.low) return 'faster';
  if (interval.low > margin.high) return 'slower';
  const isWithin = interval.low >= margin.low && interval.high <= margin.high;
  return isWithin ? 'equivalent' : 'inconclusive';
}
