import type { WorkerSample } from '../../result/records/samples.ts';
import { readThreadTimes } from '../proc/own-process.ts';

/** A pacing thread, seen from outside. */
export interface WatchedThread {
  /** Whether the thread has ended. Its lateness may still be taken, because that was recorded before. */
  readonly isGone: boolean;
  /** The system's number of the thread; null where the system does not show it. */
  readonly threadId: number | null;
  /** Returns the use of the event loop since the thread's start. */
  readLoopUse(): { activeMs: number; idleMs: number };
  /** Returns how late the loop came to its timer since the last call: the longest delay, and the delay of each beat. */
  takeLoopDelays(): { longestUs: number; delaysUs: number[] };
  /** Returns the lateness of the arrivals that were begun or dropped since the last call. */
  takeLateness(): { arrivals: number; p99Us: number | null; maxUs: number | null };
}

/** Samples one pacing thread. Every sample is the difference to the previous one. */
export class WorkerProbe {
  readonly #thread: WatchedThread;
  readonly #worker: number;
  #before: Reading;
  #latest: Reading;

  constructor(thread: WatchedThread, worker: number) {
    this.#thread = thread;
    this.#worker = worker;
    this.#before = read(thread);
    this.#latest = this.#before;
  }

  /** Reads the thread. Call it several times a second: for a thread that ends, the last look is all there is. */
  look(): void {
    if (this.#thread.isGone) return;
    const reading = read(this.#thread);
    // The totals fall if the thread has ended and its `exit` event has not come yet: nothing can be read then.
    if (totalMsOf(reading) >= totalMsOf(this.#latest)) this.#latest = reading;
  }

  /** Returns the figures since the previous sample; undefined if the thread was gone the whole time. */
  sample(): WorkerSample | undefined {
    this.look();
    const before = this.#before;
    const reading = this.#latest;
    const { arrivals, p99Us, maxUs } = this.#thread.takeLateness();
    const totalMs = totalMsOf(reading) - totalMsOf(before);
    if (this.#thread.isGone && totalMs === 0 && arrivals === 0) return undefined;
    this.#before = reading;
    const { longestUs, delaysUs } = this.#thread.takeLoopDelays();
    return {
      worker: this.#worker,
      utilisation: computeShare(reading.activeMs - before.activeMs, totalMs),
      // The pulse of a thread that has ended stays late for ever.
      loopDelayUs: this.#thread.isGone ? Math.max(0, ...delaysUs) : longestUs,
      loopDelaysUs: delaysUs,
      arrivals,
      latenessP99Us: p99Us,
      latenessMaxUs: maxUs,
      ...subtractTimes(reading.times, before.times),
    };
  }
}

/**
 * Returns the active share, from 0 to 1. Each reading is off by some microseconds, so the quotient of a loop that was
 * idle or busy the whole time may lie slightly outside.
 */
function computeShare(activeMs: number, totalMs: number): number {
  return totalMs > 0 ? Math.min(1, Math.max(0, activeMs / totalMs)) : 0;
}

interface Reading {
  activeMs: number;
  idleMs: number;
  times: ReturnType<typeof readThreadTimes>;
}

function totalMsOf({ activeMs, idleMs }: Reading): number {
  return activeMs + idleMs;
}

function read(thread: WatchedThread): Reading {
  const { threadId } = thread;
  return {
    ...thread.readLoopUse(),
    times: threadId === null ? undefined : readThreadTimes(threadId),
  };
}

function subtractTimes(
  now: Reading['times'],
  before: Reading['times'],
): Pick<WorkerSample, 'cpuUs' | 'cpuWaitUs'> {
  if (now === undefined || before === undefined) return {};
  return { cpuUs: now.cpuUs - before.cpuUs, cpuWaitUs: now.cpuWaitUs - before.cpuWaitUs };
}
