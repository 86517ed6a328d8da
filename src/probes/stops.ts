import { readMonotonicUs } from '../clock.ts';
import { readThreadTimes } from './own-process.ts';

/** How often `look` is to be called. */
export const LOOK_EVERY_MS = 100;
/** Less may be a timer's own. */
const SHORTEST_STOP_US = 50_000;

/**
 * Finds out when the whole process was stopped (SIGSTOP, a debugger, a suspended machine): a look comes late,
 * and neither its own work nor the wait for a CPU explains it.
 */
export class StopWatch {
  #before = readOwn();
  #stoppedUs = 0;

  /** Since the last call. */
  takeStoppedUs(): number {
    // A stop may have ended this very moment.
    this.look();
    const stoppedUs = this.#stoppedUs;
    this.#stoppedUs = 0;
    return stoppedUs;
  }

  look(): void {
    const before = this.#before;
    const own = readOwn();
    this.#before = own;
    this.#stoppedUs += findStopUs(own.atUs - before.atUs, own.explainedUs - before.explainedUs);
  }
}

/** `explainedUs`: how much of `elapsedUs` this thread ran or waited for a CPU. 0 where that and the timer explain it all. */
export function findStopUs(elapsedUs: number, explainedUs: number): number {
  const stoppedUs = elapsedUs - explainedUs - LOOK_EVERY_MS * 1000;
  return stoppedUs >= SHORTEST_STOP_US ? stoppedUs : 0;
}

/** Without Linux's account of the thread, the process's CPU time stands for it: too much, so that no stop is made up. */
function readOwn(): { atUs: number; explainedUs: number } {
  const times = readThreadTimes(process.pid);
  const atUs = readMonotonicUs();
  if (times !== undefined) return { atUs, explainedUs: times.cpuUs + times.cpuWaitUs };
  const { user, system } = process.cpuUsage();
  return { atUs, explainedUs: user + system };
}
