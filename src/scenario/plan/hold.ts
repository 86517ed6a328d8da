import { createRandom } from './random.ts';

/** Holds spread evenly over [minUs, maxUs], both included. */
export interface UniformHold {
  minUs: number;
  maxUs: number;
}

/** How long a connection is kept once it is ready: microseconds, drawn for each, or `end`: until the run ends. */
export type Hold = number | 'end' | UniformHold;

/**
 * The hold of the connection of one arrival: the same in every run and on any number of workers.
 * @param seed of the arrival's block, an unsigned 32-bit integer: arrivals of two blocks have the same numbers
 */
export function drawHoldUs(
  hold: Hold,
  { seed, index }: { seed: number; index: number },
): number | 'end' {
  if (typeof hold !== 'object') return hold;
  const { minUs, maxUs } = hold;
  // An odd factor keeps the seeds of different arrivals different; + 1, or arrival 0 would repeat the schedule's stream.
  const random = createRandom(seed ^ Math.imul(index + 1, 0x9e3779b1));
  return minUs + Math.floor(random() * (maxUs - minUs + 1));
}
