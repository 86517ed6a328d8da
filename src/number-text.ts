/** Numbers, shares and rates for people. Measured ones have about three significant digits. */

import { showDigits } from './duration-text.ts';

/** Returns a rate per second: `0.50/s`, `97.0/s`, `1,234/s`. */
export function formatRate(perSecond: number): string {
  return `${showRate(perSecond)}/s`;
}

/** Returns an interval of rates without its unit, such as `402-421`; one number if both ends look alike. */
export function formatRateRange(lowPerSecond: number, highPerSecond: number): string {
  return joinRange(showRate(lowPerSecond), showRate(highPerSecond));
}

/** Returns a number of about three digits: `1.91`, `0.20`, `53.1`. */
export function formatNumber(value: number): string {
  return showDigits(value);
}

/** Returns an interval of such numbers: `1.91-2.00`. */
export function formatNumberRange(low: number, high: number): string {
  return joinRange(showDigits(low), showDigits(high));
}

/** Returns `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** Returns `0.4%`, `12%`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/** Returns a number of bytes in MB of 1024 kB, with two digits or more: `0.42 MB`, `1.9 MB`, `4,000 MB`. */
export function formatMegabytes(bytes: number): string {
  const mb = bytes / BYTES_PER_MB;
  const digits = mb >= 10 ? 0 : mb >= 1 ? 1 : 2;
  return `${mb.toLocaleString('en-US', { maximumFractionDigits: digits })} MB`;
}

export const BYTES_PER_MB = 1024 ** 2;

/** Joins two numbers to a range. `unit`: the unit that `high` ends with and `low` lacks. */
export function joinRange(low: string, high: string, unit = ''): string {
  return `${low}${unit}` === high ? high : `${low}-${high}`;
}

function showRate(perSecond: number): string {
  return perSecond >= 100 ? formatCount(Math.round(perSecond)) : showDigits(perSecond);
}
