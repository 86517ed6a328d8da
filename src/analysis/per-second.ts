/** A rate; 0 over no time. */
export function perSecond(count: number, us: number): number {
  return us > 0 ? (count / us) * 1_000_000 : 0;
}
