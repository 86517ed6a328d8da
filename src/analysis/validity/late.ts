/** Whether a time of connstorm's own is too large a part of the time that it is in. All times in microseconds. */

/**
 * What lateness is compared with, quantile by quantile: a quantile with fewer than ten values above it is one
 * hiccup's, on either side.
 */
export const JUDGED = [
  { name: 'p50', figure: 'p50Us', fromCount: 1 },
  { name: 'p90', figure: 'p90Us', fromCount: 100 },
  { name: 'p99', figure: 'p99Us', fromCount: 1000 },
] as const;

/** Of ok attempts; null: there are none. */
export type OkTimes = Record<(typeof JUDGED)[number]['figure'], number | null>;

/** Less lateness than this is the noise of timers. */
const LATENESS_ALLOWED_US = 2000;
/** Of the figure's own latency. */
const LATENESS_ALLOWED_SHARE = 0.1;

/** The first quantile that was late. */
export interface Late {
  name: string;
  figure: (typeof JUDGED)[number]['figure'];
  lateUs: number;
  figureUs: number;
}

/** `count`: of the values behind the quantiles, the fewer of both sides. */
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

/** `lateUs`, ours, as a part of `figureUs`. */
export function isLate(lateUs: number, figureUs: number): boolean {
  return lateUs > Math.max(LATENESS_ALLOWED_US, figureUs * LATENESS_ALLOWED_SHARE);
}
