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
  return `${perSecond >= 100 ? formatCount(Math.round(perSecond)) : showDigits(perSecond)}/s`;
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

/** Whole seconds, or tenths where they are none: `5`, `2.5`. */
export function formatSeconds(us: number): string {
  return String(Math.round(us / 100_000) / 10);
}

function showDigits(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Number(value.toPrecision(3)))));
  return value.toFixed(Math.min(digits, 2));
}
