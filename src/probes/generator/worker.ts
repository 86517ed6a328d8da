import type { WorkerSample } from '../../result/records/samples.ts';
import { readThreadTimes } from '../proc/own-process.ts';

/** A pacing thread, seen from outside. */
export interface WatchedThread {
  /** Whether the thread has ended. Its lateness may still be taken, because that was recorded before. */
  readonly isGone: boolean;
  /** The system's number of the thread; null where the system does not show it. */
  readonly threadId: number | null;
  /**
   * Returns the use of the event loop since the thread's start; undefined if that cannot be read, as of a thread that
   * stops. Its `exit` event may still be to come.
   */
  readLoopUse(): { activeMs: number; idleMs: number } | undefined;
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
    this.#before = read(thread) ?? NOTHING_READ;
    this.#latest = this.#before;
  }

  /** Reads the thread. Call it several times a second: for a thread that ends, the last look is all there is. */
  look(): void {
    if (this.#thread.isGone) return;
    this.#latest = read(this.#thread) ?? this.#latest;
  }

  /**
   * Returns the figures since the previous sample; undefined if the thread was gone the whole time. The use of the loop
   * and the CPU times are absent if nothing could be read since then.
   */
  sample(): WorkerSample | undefined {
    this.look();
    const before = this.#before;
    const reading = this.#latest;
    const { arrivals, p99Us, maxUs } = this.#thread.takeLateness();
    if (this.#thread.isGone && reading === before && arrivals === 0) return undefined;
    this.#before = reading;
    const { longestUs, delaysUs } = this.#thread.takeLoopDelays();
    return {
      worker: this.#worker,
      // The pulse of a thread that has ended stays late for ever.
      loopDelayUs: this.#thread.isGone ? Math.max(0, ...delaysUs) : longestUs,
      loopDelaysUs: delaysUs,
      arrivals,
      latenessP99Us: p99Us,
      latenessMaxUs: maxUs,
      ...(reading === before ? {} : subtract(reading, before)),
    };
  }
}

function subtract(now: Reading, before: Reading): Partial<WorkerSample> {
  const activeMs = now.activeMs - before.activeMs;
  const totalMs = activeMs + now.idleMs - before.idleMs;
  return {
    ...(totalMs > 0 ? { utilisation: computeShare(activeMs, totalMs) } : {}),
    ...subtractTimes(now.times, before.times),
  };
}

/**
 * Returns the active share, from 0 to 1. Each reading is off by some microseconds, so the quotient of a loop that was
 * idle or busy the whole time may lie slightly outside.
 */
function computeShare(activeMs: number, totalMs: number): number {
  return Math.min(1, Math.max(0, activeMs / totalMs));
}

interface Reading {
  activeMs: number;
  idleMs: number;
  times: ReturnType<typeof readThreadTimes>;
}

const NOTHING_READ: Reading = { activeMs: 0, idleMs: 0, times: undefined };

function read(thread: WatchedThread): Reading | undefined {
  const use = thread.readLoopUse();
  if (use === undefined) return undefined;
  const { threadId } = thread;
  return {
    ...use,
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
