const MICROSECONDS = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
} as const;

/**
 * Durations as in k6: `500ms`, `10s`, `1.5s`, `1m30s`, `1h`, `2d`. Each unit occurs once at most, the largest first.
 */
export const DURATION_PATTERN =
  /^(?=\d)(?:\d+(?:\.\d+)?d)?(?:\d+(?:\.\d+)?h)?(?:\d+(?:\.\d+)?m)?(?:\d+(?:\.\d+)?s)?(?:\d+(?:\.\d+)?ms)?(?:\d+(?:\.\d+)?us)?$/;

/**
 * Parses a duration such as `1m30s` into integer microseconds.
 * @throws RangeError if `text` does not match DURATION_PATTERN
 */
export function parseDuration(text: string): number {
  if (!DURATION_PATTERN.test(text)) throw new RangeError(`not a duration: ${text}`);
  let totalUs = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)([a-z]+)/g)) {
    totalUs += Number(amount) * MICROSECONDS[unit as keyof typeof MICROSECONDS];
  }
  return Math.round(totalUs);
}
