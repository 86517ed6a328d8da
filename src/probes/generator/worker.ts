import type { WorkerSample } from '../../result/records/samples.ts';
import { readThreadTimes } from '../proc/own-process.ts';

/** A pacing thread as seen from outside. */
export interface WatchedThread {
  /** Lateness may still be taken: it was written down before. */
  readonly isGone: boolean;
  /** As the system numbers its threads; null where it does not tell. */
  readonly threadId: number | null;
  /** Since its start. */
  readLoopUse(): { activeMs: number; idleMs: number };
  /** How late its loop came to a timer since the last call: at most, and each time of all that it was due. */
  takeLoopDelays(): { longestUs: number; delaysUs: number[] };
  /** Of the arrivals it came to since the last call. */
  takeLateness(): { arrivals: number; p99Us: number | null; maxUs: number | null };
}

/** Samples one pacing thread, as the difference to the sample before. */
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

  /** Call it some times a second: what is known of a thread that ends is what the last look saw. */
  look(): void {
    if (this.#thread.isGone) return;
    const reading = read(this.#thread);
    // It has ended and its end has not been told yet: there is nothing to read any more.
    if (totalMsOf(reading) >= totalMsOf(this.#latest)) this.#latest = reading;
  }

  /** undefined where the thread was gone all the while. */
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
      // The pulse of a thread that has ended is late for ever.
      loopDelayUs: this.#thread.isGone ? Math.max(0, ...delaysUs) : longestUs,
      loopDelaysUs: delaysUs,
      arrivals,
      latenessP99Us: p99Us,
      latenessMaxUs: maxUs,
      ...subtractTimes(reading.times, before.times),
    };
  }
}

/** Each reading is off by some microseconds: of a loop that was idle, or busy, all the while the share may lie beyond 0 or 1 by that. */
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
