import type { CapacityAnswer } from '../../result/records/capacity.ts';

/** An interval; null: nothing is known on that side. */
export interface Between {
  low: number | null;
  high: number | null;
}

/** How many times a rate fits into what is sustained; null on a side where that is not known. */
export function findHeadroom(
  { lowerPerSecond, upperPerSecond }: CapacityAnswer,
  ratePerSecond: number,
): Between {
  const times = (capacity: number | null): number | null =>
    capacity === null ? null : capacity / ratePerSecond;
  return { low: times(lowerPerSecond), high: times(upperPerSecond) };
}

/**
 * How long so many clients that come at once take to be served, at the rate that is sustained, in microseconds: clients / capacity.
 * Beyond the knee a server may be slower than at it.
 */
export function findDrainUs(
  { lowerPerSecond, upperPerSecond }: CapacityAnswer,
  clients: number,
): Between {
  const us = (capacity: number | null): number | null =>
    capacity === null ? null : (clients / capacity) * 1_000_000;
  return { low: us(upperPerSecond), high: us(lowerPerSecond) };
}
