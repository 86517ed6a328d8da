import type { Comparison } from '../../result/records/comparison.ts';
import { formatNumber, formatNumberRange, formatShare } from '../text/format.ts';

/** From this ratio on, differences are shown as a factor, below it in percent. */
const TIMES_FROM = 1.5;

/** Verdicts that have a size. */
type Direction = 'faster' | 'slower';

/**
 * Returns the size of the difference: `5.3x faster`, or `in 23% less time`. It is the estimate. If the estimate is only a
 * bound, it is the end of the interval that claims less (`at least 1.05x faster`): a bound of the estimate would be read
 * as a bound of the difference.
 */
export function describeSize(comparison: Comparison, direction: Direction): string {
  const { ratio, ratioIs, low, high } = comparison;
  const surest = direction === 'faster' ? high : low;
  const of = (ratioIs === undefined ? ratio : surest) ?? 1;
  const atLeast = ratioIs === undefined ? '' : 'at least ';
  if (isShownAsTimes(comparison, direction)) {
    return `${atLeast}${formatNumber(direction === 'faster' ? 1 / of : of)}x ${direction}`;
  }
  return direction === 'faster'
    ? `in ${atLeast}${formatShare(1 - of)} less time`
    : `in ${atLeast}${formatShare(of - 1)} more time`;
}

/**
 * Returns what the size rests on, in its unit: the interval (`4.6-6.1x`, `18-27%`), and the estimate if that is only a
 * bound (`95 % interval: 1.05x or more; estimate: 2.43x or more`).
 */
export function describeEvidence(comparison: Comparison, direction: Direction): string {
  const { ratio, ratioIs, ratioRange, low, high } = comparison;
  const interval = describeSizes(comparison, direction, [low, high]);
  const isClosed = low !== null && high !== null;
  if (ratioIs === undefined) return isClosed ? interval : `95 % interval: ${interval}`;
  const bound: Ends = direction === 'faster' ? [null, ratio] : [ratio, null];
  const estimate = describeSizes(comparison, direction, ratioRange ?? bound);
  return `95 % interval: ${interval}; estimate: ${estimate}`;
}

/** Ratios from and to; null: open on that side. */
type Ends = readonly [low: number | null, high: number | null];

/** Returns the sizes between two ratios, the smaller one first. The larger one may be missing: `1.05x or more`. */
function describeSizes(comparison: Comparison, direction: Direction, [low, high]: Ends): string {
  const isTimes = isShownAsTimes(comparison, direction);
  const [least, most] = direction === 'faster' ? [high, low] : [low, high];
  const toSize = (of: number): number => (direction === 'faster' ? toLess : toMore)(of, isTimes);
  const unit = isTimes ? 'x' : '%';
  const smallest = least === null ? 0 : toSize(least);
  return most === null
    ? `${formatNumber(smallest)}${unit} or more`
    : `${formatNumberRange(smallest, toSize(most))}${unit}`;
}

function toLess(ratio: number, isTimes: boolean): number {
  return isTimes ? 1 / ratio : 100 * (1 - ratio);
}

function toMore(ratio: number, isTimes: boolean): number {
  return isTimes ? ratio : 100 * (ratio - 1);
}

function isShownAsTimes({ ratio }: Comparison, direction: Direction): boolean {
  const of = ratio ?? 1;
  return (direction === 'faster' ? 1 / of : of) >= TIMES_FROM;
}

/**
 * Returns `from 12% less to 20% more time`. Both ends have the same unit: if one end is shown as a factor, so is the
 * other (`from 0.71 to 1.71 times the time`). A single bound is always a factor, because "at least 12% less time" would
 * be read as the other bound.
 */
export function describeChange({ low, high }: Pick<Comparison, 'low' | 'high'>): string {
  if (low === null && high === null) return 'the rounds give no bounds';
  if (low === null) return `at most ${formatNumber(high ?? 0)} times the time`;
  if (high === null) return `at least ${formatNumber(low)} times the time`;
  return high >= TIMES_FROM
    ? `from ${formatNumber(low)} to ${formatNumber(high)} times the time`
    : `from ${describeEnd(low)} to ${describeEnd(high)} time`;
}

function describeEnd(ratio: number): string {
  return ratio < 1 ? `${formatShare(1 - ratio)} less` : `${formatShare(ratio - 1)} more`;
}
