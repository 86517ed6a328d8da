import type { KeptCounts } from '../../result/records/background.ts';

/** Returns the counts of connections of both kinds together. */
export function addKept(one: KeptCounts, other: KeptCounts): KeptCounts {
  return {
    wanted: one.wanted + other.wanted,
    open: one.open + other.open,
    lost: one.lost + other.lost,
    back: one.back + other.back,
    awayUs: one.awayUs + other.awayUs,
    longestAwayUs: Math.max(one.longestAwayUs, other.longestAwayUs),
  };
}
