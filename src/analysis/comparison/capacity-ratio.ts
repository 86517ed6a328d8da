import type { Capacity } from '../../result/summary-records.ts';

/** How many times as many connects a second one sustains as another; null: not known on that side. */
export interface CapacityRatio {
  low: number | null;
  high: number | null;
}

/**
 * By the ends of both answers: at least `a`'s lower one by `b`'s upper one, at most the other way round. An end that is no answer of
 * the target (where connstorm gave out, or nothing did) leaves that side open.
 */
export function findCapacityRatio(a: Capacity, b: Capacity): CapacityRatio {
  return {
    low: divide(a.lowerPerSecond, b.upperPerSecond),
    high: divide(a.upperPerSecond, b.lowerPerSecond),
  };
}

function divide(dividend: number | null, divisor: number | null): number | null {
  return dividend === null || divisor === null || divisor === 0 ? null : dividend / divisor;
}
