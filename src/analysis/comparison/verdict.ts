import type { ComparisonVerdict } from '../../result/records/comparison.ts';
import type { Bounds } from './ratio.ts';

/** Ratios between the two are no difference that matters. */
export interface Margin {
  low: number;
  high: number;
}

/** A difference matters if it exceeds this share of the baseline and this time. */
export interface MarginSettings {
  relative: number;
  absoluteUs: number;
}

/**
 * Returns the margin around a baseline of `baselineUs`, by the larger of the two settings. For a duration below
 * `absoluteUs` no ratio counts as faster.
 */
export function findMargin(baselineUs: number, { relative, absoluteUs }: MarginSettings): Margin {
  const share = Math.max(relative, absoluteUs / baselineUs);
  return { low: Math.max(0, 1 - share), high: 1 + share };
}

/**
 * Returns the verdict of an interval of the ratio: different if all of it lies beyond the margin, equivalent if all of
 * it lies within, else not known. An interval that is open on the side that would matter is not beyond the margin, so a
 * side with too few values never wins.
 *
 * `baseline`: in microseconds. If only its bounds are known, a difference must exceed the widest possible margin, and
 * equivalence must fit into the narrowest one. A low end of 0 is within a margin that begins at 0, because no ratio is
 * smaller. It is not if the baseline has no upper bound, because too few of its attempts have the figure.
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
  const isOpen = !Number.isFinite(baseline.high) && interval.low === 0;
  const isWithin = interval.low >= narrowest.low && interval.high <= narrowest.high;
  return isWithin && !isOpen ? 'equivalent' : 'inconclusive';
}
