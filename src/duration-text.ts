/**
 * Times for people. A measured time has three significant digits (`2.00 s`). A time that was set, planned or run for
 * has the digits that it was set with (`2 s`).
 */

/** Renders a measured time: `0 µs`, `123 µs`, `1.23 ms`, `45.6 s`; a dash if there is no value. */
export function formatDuration(us: number | null): string {
  if (us === null) return '-';
  if (Math.round(us) < 1000) return `${Math.round(us)} µs`;
  // The value is rounded before its unit is chosen, so that 999.6 ms become 1.00 s.
  const ms = Number((us / 1000).toPrecision(3));
  return ms < 1000 ? `${showDigits(ms)} ms` : `${showDigits(us / 1_000_000)} s`;
}

/** Renders a time that was set, planned or run for: `250 ms`, `2 s`, `1.5 s`, `90 s`. */
export function formatSpan(us: number): string {
  if (us > 0 && Math.round(us) < 1000) return `${Math.round(us)} µs`;
  const ms = toMs(us);
  return ms > 0 && ms < 1000 ? `${ms} ms` : `${toSeconds(us)} s`;
}

/** Renders the time from one moment of a plan to another, in one unit: `0-5 s`, `0.5-1 s`, `0-250 ms`. */
export function formatSpanRange(fromUs: number, toUs: number): string {
  const isShort = toUs > 0 && toMs(toUs) < 1000;
  const show = isShort ? toMs : toSeconds;
  return `${show(fromUs)}-${show(toUs)} ${isShort ? 'ms' : 's'}`;
}

function toMs(us: number): number {
  return trimDigits(us / 1000);
}

/** Returns seconds; exact if the time is a whole number of milliseconds. */
function toSeconds(us: number): number {
  const seconds = us / 1_000_000;
  return Number(seconds.toFixed(3)) === seconds ? seconds : trimDigits(seconds);
}

/** Rounds to three digits; a value from 100 on to a whole number. */
function trimDigits(value: number): number {
  return value < 100 ? Number(value.toPrecision(3)) : Math.round(value);
}

/** Renders three significant digits, at most two of them after the point: `1.91`, `53.1`, `1234`. */
export function showDigits(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Number(value.toPrecision(3)))));
  return value.toFixed(Math.min(digits, 2));
}
