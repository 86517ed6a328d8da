import { readMonotonicUs } from '../../clock.ts';

/** Since a thread's start. */
export interface LoopUse {
  activeMs: number;
  idleMs: number;
}

/** Between the two clocks that are read for a reading lies less than this, unless something came in between. */
const TIGHT_US = 200;
const MOST_TRIES = 3;

/**
 * A thread's use of its event loop, from outside. Node reads how long the loop was idle, then the clock, and takes the rest for active
 * time. Where the system stops the reader between the two, as on a busy machine, active time is too long by all of that, and the next
 * difference too short or below 0 by as much. So a reading that took long is made again, and the quickest of them is taken.
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
