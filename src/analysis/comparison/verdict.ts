import type { ComparisonVerdict } from '../../result/records/comparison.ts';
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
 * within, else not known. Where it is open on the side that would matter, it is not beyond: who has too few survivors wins nothing.
 *
 * `baseline`: in microseconds. Where only bounds of it are known, a difference has to be beyond the widest margin that it may have, and
 * who is equivalent within the narrowest; and what is open on one side is not equivalent to anything.
 */
export function judgeInterval(
  interval: Bounds,
  baseline: Bounds,
  settings: MarginSettings,
): Exclude<ComparisonVerdict, 'descriptive'> {
  const widest = findMargin(Math.max(1, baseline.low), settings);
  if (interval.high < widest.low) return 'faster';
  if (interval.low > widest.high) return 'slower';
  const narrowest = findMargin(baseline.high, settings);
  const isOpen = baseline.low !== baseline.high && interval.low === 0;
  const isWithin = interval.low >= narrowest.low && interval.high <= narrowest.high;
  return isWithin && !isOpen ? 'equivalent' : 'inconclusive';
}
