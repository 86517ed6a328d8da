import type { Capacity } from '../../result/summary-records.ts';

/** How many times as many connects a second `a` sustains as the baseline `b`; null: not known on that side. */
export interface CapacityRatio {
  a: string;
  b: string;
  low: number | null;
  high: number | null;
}

interface Searched {
  name: string;
  summary: { capacity: Capacity | null };
}

/** Each against the first; nothing of those that were not searched. */
export function listCapacityRatios([baseline, ...others]: readonly Searched[]): CapacityRatio[] {
  const base = baseline?.summary.capacity ?? null;
  if (baseline === undefined || base === null) return [];
  return others.flatMap(({ name, summary: { capacity } }) =>
    capacity === null ? [] : [{ a: name, b: baseline.name, ...findCapacityRatio(capacity, base) }],
  );
}

/**
 * By the ends of both answers: at least `a`'s lower one by `b`'s upper one, at most the other way round. An end that is no answer of
 * the target (where connstorm gave out, or nothing did) leaves that side open.
 */
export function findCapacityRatio(a: Capacity, b: Capacity): Pick<CapacityRatio, 'low' | 'high'> {
  return {
    low: divide(a.lowerPerSecond, b.upperPerSecond),
    high: divide(a.upperPerSecond, b.lowerPerSecond),
  };
}

function divide(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null || divisor === 0 ? null : dividend / divisor;
}
