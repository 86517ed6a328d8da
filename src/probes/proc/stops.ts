import { readMonotonicUs } from '../../clock.ts';
import { SHORTEST_STOP_US } from '../../model/measures.ts';
import { readThreadTimes } from './own-process.ts';

/** The interval at which `look` must be called. */
export const LOOK_EVERY_MS = 100;

/**
 * Finds out how long the whole process was stopped (SIGSTOP, a debugger, a suspended machine). After a stop, `look` is
 * called late, and neither the thread's own work nor its wait for a CPU explains the delay.
 */
export class StopWatch {
  readonly #read: () => OwnTimes;
  #before: OwnTimes;
  /** Whether the system has ever shown this thread's times. */
  #knowsThread: boolean;
  #stoppedUs = 0;

  constructor(read: () => OwnTimes = readOwn) {
    this.#read = read;
    this.#before = read();
    this.#knowsThread = this.#before.threadUs !== undefined;
  }

  /** Returns how long the process was stopped since the last call, in microseconds. */
  takeStoppedUs(): number {
    // A stop may have ended just now.
    this.look();
    const stoppedUs = this.#stoppedUs;
    this.#stoppedUs = 0;
    return stoppedUs;
  }

  look(): void {
    const before = this.#before;
    const own = this.#read();
    this.#before = own;
    this.#knowsThread ||= own.threadUs !== undefined;
    const explainedUs = explain(before, own, this.#knowsThread);
    if (explainedUs === undefined) return;
    this.#stoppedUs += findStopUs(own.fromUs - before.toUs, explainedUs);
  }
}

/**
 * Totals since the start of the process. Reading them takes time, and the thread may lose its CPU meanwhile. The time
 * between two looks runs from the end of one reading to the beginning of the next one: their totals then explain all of
 * it, and no such wait is taken for a stop.
 */
export interface OwnTimes {
  /** When the reading began and when it ended. */
  fromUs: number;
  toUs: number;
  /** This thread's time on a CPU and waiting for one; undefined if it could not be read. */
  threadUs: number | undefined;
  /** CPU time of all threads. */
  processUs: number;
}

/**
 * Returns how much of the time between two looks is explained; undefined if that is not known. A read of the thread's
 * times may fail now and then, as when descriptors have run out; values of two different kinds must not be subtracted.
 * If the thread's times were never readable, the process's CPU time is used. It is too large, so no stop is invented.
 */
export function explain(before: OwnTimes, now: OwnTimes, knowsThread: boolean): number | undefined {
  if (before.threadUs !== undefined && now.threadUs !== undefined) {
    return now.threadUs - before.threadUs;
  }
  return knowsThread ? undefined : now.processUs - before.processUs;
}

/**
 * Returns the length of a stop, or 0 if there was none. `explainedUs`: how much of `elapsedUs` this thread ran or
 * waited for a CPU.
 */
export function findStopUs(elapsedUs: number, explainedUs: number): number {
  const stoppedUs = elapsedUs - explainedUs - LOOK_EVERY_MS * 1000;
  return stoppedUs >= SHORTEST_STOP_US ? stoppedUs : 0;
}

function readOwn(): OwnTimes {
  const fromUs = readMonotonicUs();
  const times = readThreadTimes(process.pid);
  const { user, system } = process.cpuUsage();
  return {
    fromUs,
    toUs: readMonotonicUs(),
    threadUs: times === undefined ? undefined : times.cpuUs + times.cpuWaitUs,
    processUs: user + system,
  };
}
