import { createRandom } from './random.ts';

/** Holds spread evenly over [minUs, maxUs], both included; each arrival's own follows from the seed. */
export interface UniformHold {
  minUs: number;
  maxUs: number;
  seed: number;
}

/** How long a connection is kept once it is ready: microseconds, drawn for each, or `end`: until the run ends. */
export type Hold = number | 'end' | UniformHold;

/** The hold of the connection of one arrival: the same in every run and on any number of workers. */
export function drawHoldUs(hold: Hold, arrivalIndex: number): number | 'end' {
  if (typeof hold !== 'object') return hold;
  const { minUs, maxUs, seed } = hold;
  // An odd factor keeps the seeds of different arrivals different; + 1, or arrival 0 would repeat the schedule's stream.
  const random = createRandom(seed ^ Math.imul(arrivalIndex + 1, 0x9e3779b1));
  return minUs + Math.floor(random() * (maxUs - minUs + 1));
}
