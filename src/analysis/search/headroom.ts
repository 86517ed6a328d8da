import type { CapacityAnswer } from '../../result/records/capacity.ts';

/** An interval; null: not known on that side. */
export interface Between {
  low: number | null;
  high: number | null;
}

/** Returns how many times a rate fits into the sustained rate; null on a side that is not known. */
export function findHeadroom(
  { lowerPerSecond, upperPerSecond }: CapacityAnswer,
  ratePerSecond: number,
): Between {
  const times = (capacity: number | null): number | null =>
    capacity === null ? null : capacity / ratePerSecond;
  return { low: times(lowerPerSecond), high: times(upperPerSecond) };
}

/**
 * Returns how long clients that come all at once take to be served at the sustained rate, in microseconds: clients /
 * capacity. Beyond the knee a server may be slower.
 */
export function findDrainUs(
  { lowerPerSecond, upperPerSecond }: CapacityAnswer,
  clients: number,
): Between {
  const us = (capacity: number | null): number | null =>
    capacity === null ? null : (clients / capacity) * 1_000_000;
  return { low: us(upperPerSecond), high: us(lowerPerSecond) };
}
