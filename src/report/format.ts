/** Figures for people: three significant digits and the unit that suits them. */

/** `0 µs`, `123 µs`, `1.23 ms`, `45.6 s`; a dash where there is no value. */
export function formatDuration(us: number | null): string {
  if (us === null) return '-';
  if (Math.round(us) < 1000) return `${Math.round(us)} µs`;
  // 999.6 ms are 1.00 s: rounded first, the unit chosen after.
  const ms = Number((us / 1000).toPrecision(3));
  return ms < 1000 ? `${showDigits(ms)} ms` : `${showDigits(us / 1_000_000)} s`;
}

/** Per second: `0.50/s`, `97.0/s`, `1,234/s`. */
export function formatRate(perSecond: number): string {
  return `${showRate(perSecond)}/s`;
}

/** An interval of rates without its unit: `402-421`; one number where both ends look alike. */
export function formatRateRange(lowPerSecond: number, highPerSecond: number): string {
  return joinRange(showRate(lowPerSecond), showRate(highPerSecond));
}

/** A number of some three digits: `1.91`, `0.20`, `53.1`. */
export function formatNumber(value: number): string {
  return showDigits(value);
}

/** An interval of such numbers: `1.91-2.00`. */
export function formatNumberRange(low: number, high: number): string {
  return joinRange(showDigits(low), showDigits(high));
}

/** `2.38-2.49 s`; with both units where they differ: `950 ms-1.02 s`. */
export function formatDurationRange(lowUs: number, highUs: number): string {
  const [low, high] = [formatDuration(lowUs), formatDuration(highUs)];
  const unit = high.slice(high.indexOf(' '));
  return joinRange(low.endsWith(unit) ? low.slice(0, -unit.length) : low, high, unit);
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `0.4%`, `12%`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

/** As a cell of a table: `0%` is none at all, `0.0%` some few, `-` a share of nothing. */
export function formatShareCell(share: number | null): string {
  if (share === null) return '-';
  return share === 0 ? '0%' : formatShare(share);
}

/** Whole seconds, or tenths where they are none: `5`, `2.5`. */
export function formatSeconds(us: number): string {
  return String(Math.round(us / 100_000) / 10);
}

/** `unit`: what `high` ends with and `low` does not. */
function joinRange(low: string, high: string, unit = ''): string {
  return `${low}${unit}` === high ? high : `${low}-${high}`;
}

function showRate(perSecond: number): string {
  return perSecond >= 100 ? formatCount(Math.round(perSecond)) : showDigits(perSecond);
}

function showDigits(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Number(value.toPrecision(3)))));
  return value.toFixed(Math.min(digits, 2));
}
