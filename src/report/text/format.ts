/** Figures for people, with three significant digits and a suitable unit. */

import { formatDuration, showDigits } from '../../duration-text.ts';

export { formatDuration, formatSpan, formatSpanRange } from '../../duration-text.ts';

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

/** Returns `2.38-2.49 s`; with two units if they differ: `950 ms-1.02 s`. */
export function formatDurationRange(lowUs: number, highUs: number): string {
  const [low, high] = [formatDuration(lowUs), formatDuration(highUs)];
  const unit = high.slice(high.indexOf(' '));
  return joinRange(low.endsWith(unit) ? low.slice(0, -unit.length) : low, high, unit);
}

/** Returns `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

const BYTE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Returns `512 B`, `64.0 KiB`, `8.00 GiB`. Units are powers of 1024. */
export function formatBytes(bytes: number): string {
  // Rounds before it chooses the unit: 1023.6 KiB is shown as 1.00 MiB.
  const fits = (power: number): boolean => Number((bytes / 1024 ** power).toPrecision(3)) < 1000;
  const found = BYTE_UNITS.findIndex((_, power) => fits(power));
  const power = found === -1 ? BYTE_UNITS.length - 1 : found;
  if (power === 0) return `${Math.round(bytes)} B`;
  return `${showDigits(bytes / 1024 ** power)} ${BYTE_UNITS[power]}`;
}

/** Returns `0.4%`, `12%`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/**
 * Returns a share for a table cell. `0%` means none at all, `0.0%` a few, `-` that there is nothing to take a share of.
 */
export function formatShareCell(share: number | null): string {
  if (share === null) return '-';
  return share === 0 ? '0%' : formatShare(share);
}

/** Returns seconds, with tenths if they are not whole: `5`, `2.5`. */
export function formatSeconds(us: number): string {
  return String(Math.round(us / 100_000) / 10);
}

/** Joins two numbers to a range. `unit`: the unit that `high` ends with and `low` lacks. */
function joinRange(low: string, high: string, unit = ''): string {
  return `${low}${unit}` === high ? high : `${low}-${high}`;
}

function showRate(perSecond: number): string {
  return perSecond >= 100 ? formatCount(Math.round(perSecond)) : showDigits(perSecond);
}
