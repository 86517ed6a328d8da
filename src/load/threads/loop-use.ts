import { readMonotonicUs } from '../../clock.ts';

/** Totals since a thread's start. */
export interface LoopUse {
  activeMs: number;
  idleMs: number;
}

/** A reading is good enough if its two clocks are read within this time. */
const TIGHT_US = 200;
const MOST_TRIES = 3;

/**
 * Reads a thread's use of its event loop from outside. Node reads how long the loop was idle, then the clock, and
 * counts the rest as active time. If the system stops the reader between the two, as on a busy machine, active time is
 * too long by that pause, and the next difference too short by the same amount or below 0. So a reading that took long
 * is repeated, and the quickest of them counts.
 */
export function readLoopUse(
  read: () => { active: number; idle: number },
  readUs: () => number = readMonotonicUs,
): LoopUse {
  let best: { active: number; idle: number; tookUs: number } | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const fromUs = readUs();
    const { active, idle } = read();
    const tookUs = readUs() - fromUs;
    if (best === undefined || tookUs < best.tookUs) best = { active, idle, tookUs };
    if (tookUs <= TIGHT_US) break;
  }
  return { activeMs: best?.active ?? 0, idleMs: best?.idle ?? 0 };
}
