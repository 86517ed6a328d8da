/** Checks whether connstorm's own time is too large a part of a measured time. All times are in microseconds. */

/**
 * Quantiles at which lateness is compared with a figure. Each needs `fromCount` values: with fewer than ten values
 * above a quantile, a single hiccup would decide on either side.
 */
export const JUDGED = [
  { name: 'p50', figure: 'p50Us', fromCount: 1 },
  { name: 'p90', figure: 'p90Us', fromCount: 100 },
  { name: 'p99', figure: 'p99Us', fromCount: 1000 },
] as const;

/** Times of the ok attempts; null: there are none. */
export type OkTimes = Record<(typeof JUDGED)[number]['figure'], number | null>;

/** Less lateness than this is the noise of timers. */
const LATENESS_ALLOWED_US = 2000;
/** Share of the latency at the same quantile. */
const LATENESS_ALLOWED_SHARE = 0.1;

/** The first quantile at which connstorm was late. */
export interface Late {
  name: string;
  figure: (typeof JUDGED)[number]['figure'];
  lateUs: number;
  figureUs: number;
}

/**
 * Returns undefined if no quantile was late. `count`: number of values behind the quantiles, of the side that has
 * fewer.
 */
export function findLate(lateness: OkTimes, figures: OkTimes, count: number): Late | undefined {
  for (const { name, figure, fromCount } of JUDGED) {
    if (count < fromCount) break;
    const lateUs = lateness[figure];
    const figureUs = figures[figure];
    if (lateUs === null || figureUs === null) continue;
    if (isLate(lateUs, figureUs)) return { name, figure, lateUs, figureUs };
  }
  return undefined;
}

/** Returns whether connstorm's own `lateUs` is too large a part of `figureUs`. */
export function isLate(lateUs: number, figureUs: number): boolean {
  return lateUs > Math.max(LATENESS_ALLOWED_US, figureUs * LATENESS_ALLOWED_SHARE);
}
