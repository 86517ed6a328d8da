/**
 * Returns the median, of an even number of values the mean of the two in the middle. Values may be infinite. NaN for no
 * values: callers say what no values mean.
 */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort(compareNumbers);
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)] ?? NaN;
  const high = sorted[Math.ceil(middle)] ?? NaN;
  return low === high ? low : (low + high) / 2;
}

/** Orders numbers, infinite ones too: the difference of two infinite numbers is NaN. */
export function compareNumbers(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
