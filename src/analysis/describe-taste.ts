import type { TasteRecord } from '../result/records/header.ts';

/**
 * Returns `rate 41/s: 33% of what direct achieved in a closed loop (direct 124/s, pooled 512/s); load.rate is its upper
 * limit`.
 */
export function describeTaste({ share, ratePerSecond, takenPerSecond }: TasteRecord): string {
  const taken = Object.entries(takenPerSecond);
  const [slowest] = [...taken].sort(([, a], [, b]) => a - b);
  const all = taken.map(([name, perSecond]) => `${name} ${showRate(perSecond)}`).join(', ');
  return `rate ${showRate(ratePerSecond)}: ${Math.round(100 * share)}% of what ${slowest?.[0]} achieved in a closed loop (${all}); load.rate is its upper limit`;
}

/** Returns `direct achieved 124/s in its taste, pooled achieved 512/s in its taste`. */
export function describeTaken(takenPerSecond: TasteRecord['takenPerSecond']): string {
  return Object.entries(takenPerSecond)
    .map(([name, perSecond]) => `${name} achieved ${showRate(perSecond)} in its taste`)
    .join(', ');
}

function showRate(perSecond: number): string {
  return `${Number(perSecond.toFixed(perSecond < 10 ? 1 : 0))}/s`;
}
