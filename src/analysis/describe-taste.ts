import type { TasteRecord } from '../result/records/header.ts';

/**
 * Returns `rate 41/s: 33% of what direct achieved in a closed loop (direct 124/s, pooled 512/s); the scenario's rate is its
 * upper limit`. If a load has several rates, it is the highest one.
 */
export function describeTaste({ share, ratePerSecond, takenPerSecond }: TasteRecord): string {
  const taken = Object.entries(takenPerSecond);
  const [slowest] = [...taken].sort(([, a], [, b]) => a - b);
  const all = taken.map(([name, perSecond]) => `${name} ${showRate(perSecond)}`).join(', ');
  const what =
    taken.length === 1
      ? `the ${showRate(slowest?.[1] ?? 0)} achieved in a closed loop`
      : `what ${slowest?.[0]} achieved in a closed loop (${all})`;
  return `rate ${showRate(ratePerSecond)}: ${Math.round(100 * share)}% of ${what}; the scenario's rate is its upper limit`;
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
