import { readMonotonicUs } from '../../clock.ts';

/** Totals since a thread's start. */
export interface LoopUse {
  activeMs: number;
  idleMs: number;
}

/**
 * What Node returns as `idle`, in ms, while a worker thread stops, until its `exit` event. It then takes all of the time
 * since the thread's start, and 1 ms more, for active. Before the loop's first turn and after the end, all is 0.
 * (src/node_worker.cc, Worker::LoopIdleTime; seen with Node 20.20.)
 */
const STOPPING_IDLE_MS = -1;
/** A reading is good enough if its two clocks are read within this time. */
const TIGHT_US = 200;
const MOST_TRIES = 3;

/**
 * Reads a thread's use of its event loop from outside. Node reads how long the loop was idle, then the clock, and
 * counts the rest as active time. If the system stops the reader between the two, as on a busy machine, active time is
 * too long by that pause, and the next difference too short by the same amount or below 0. So a reading that took long
 * is repeated, and the quickest of them counts.
 *
 * Returns undefined if Node has no reading, because the thread stops or has ended.
 */
export function readLoopUse(
  read: () => { active: number; idle: number },
  readUs: () => number = readMonotonicUs,
): LoopUse | undefined {
  let best: { active: number; idle: number; tookUs: number } | undefined;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const fromUs = readUs();
    const { active, idle } = read();
    if (idle === STOPPING_IDLE_MS || active + idle === 0) return undefined;
    const tookUs = readUs() - fromUs;
    if (best === undefined || tookUs < best.tookUs) best = { active, idle, tookUs };
    if (tookUs <= TIGHT_US) break;
  }
  return best === undefined ? undefined : { activeMs: best.active, idleMs: best.idle };
}
