import { readMonotonicUs } from '../../clock.ts';
import { SHORTEST_STOP_US } from '../../model/measures.ts';
import { readThreadTimes } from './own-process.ts';

/** How often `look` is to be called. */
export const LOOK_EVERY_MS = 100;

/**
 * Finds out when the whole process was stopped (SIGSTOP, a debugger, a suspended machine): a look comes late,
 * and neither its own work nor the wait for a CPU explains it.
 */
export class StopWatch {
  #before = readOwn();
  /** Whether the system has ever told of this thread. */
  #tellsThread = this.#before.threadUs !== undefined;
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
    this.#tellsThread ||= own.threadUs !== undefined;
    const explainedUs = explain(before, own, this.#tellsThread);
    if (explainedUs === undefined) return;
    this.#stoppedUs += findStopUs(own.atUs - before.atUs, explainedUs);
  }
}

/** Totals since the start of the process. */
export interface OwnTimes {
  atUs: number;
  /** This thread on a CPU, and waiting for one; undefined where it could not be read. */
  threadUs: number | undefined;
  /** All threads on CPUs. */
  processUs: number;
}

/**
 * What explains the time between two looks; undefined where that is not known. A system that tells of the thread may fail to
 * at times, as when descriptors have run out: two different accounts must not be subtracted. Without any account of the thread, the process's
 * CPU time stands for it: too much, so that no stop is made up.
 */
export function explain(before: OwnTimes, now: OwnTimes, tellsThread: boolean): number | undefined {
  if (before.threadUs !== undefined && now.threadUs !== undefined) {
    return now.threadUs - before.threadUs;
  }
  return tellsThread ? undefined : now.processUs - before.processUs;
}

/** `explainedUs`: how much of `elapsedUs` this thread ran or waited for a CPU. 0 where that and the timer explain it all. */
export function findStopUs(elapsedUs: number, explainedUs: number): number {
  const stoppedUs = elapsedUs - explainedUs - LOOK_EVERY_MS * 1000;
  return stoppedUs >= SHORTEST_STOP_US ? stoppedUs : 0;
}

function readOwn(): OwnTimes {
  const times = readThreadTimes(process.pid);
  const { user, system } = process.cpuUsage();
  return {
    atUs: readMonotonicUs(),
    threadUs: times === undefined ? undefined : times.cpuUs + times.cpuWaitUs,
    processUs: user + system,
  };
}
