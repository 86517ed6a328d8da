/** Returns a rate; 0 over no time. */
export function perSecond(count: number, us: number): number {
  return us > 0 ? (count / us) * 1_000_000 : 0;
}

/**
 * Returns how long a stretch of the plan ran, in all legs together. `ranUntilUs`: until when each leg ran. A leg that
 * was cut short adds less.
 */
export function ranWithin(
  { fromUs, toUs }: { fromUs: number; toUs: number },
  ranUntilUs: readonly number[],
): number {
  return ranUntilUs.reduce(
    (sum, untilUs) => sum + Math.max(0, Math.min(toUs, untilUs) - fromUs),
    0,
  );
}
