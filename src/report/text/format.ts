/** Figures for people, with three significant digits and a suitable unit. */

import { formatDuration, showDigits } from '../../duration-text.ts';
import { formatShare, joinRange } from '../../number-text.ts';

export { formatDuration, formatSpan, formatSpanRange } from '../../duration-text.ts';
export {
  formatCount,
  formatNumber,
  formatNumberRange,
  formatRate,
  formatRateRange,
  formatShare,
} from '../../number-text.ts';

/** Returns `2.38-2.49 s`; with two units if they differ: `950 ms-1.02 s`. */
export function formatDurationRange(lowUs: number, highUs: number): string {
  const [low, high] = [formatDuration(lowUs), formatDuration(highUs)];
  const unit = high.slice(high.indexOf(' '));
  return joinRange(low.endsWith(unit) ? low.slice(0, -unit.length) : low, high, unit);
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
