import type { WorkerSample } from '../result/records.ts';
import { readThreadTimes } from './own-process.ts';

/** A pacing thread as seen from outside. */
export interface WatchedThread {
  readonly isGone: boolean;
  /** As the system numbers its threads; null where it does not tell. */
  readonly threadId: number | null;
  /** Since its start. */
  readLoopUse(): { activeMs: number; idleMs: number };
  /** The longest that its loop came late to a timer since the last call. */
  takeLoopDelayUs(): number;
  /** Of the arrivals it came to since the last call. */
  takeLateness(): { arrivals: number; p99Us: number | null; maxUs: number | null };
}

/** Samples one pacing thread, as the difference to the sample before. */
export class WorkerProbe {
  readonly #thread: WatchedThread;
  readonly #worker: number;
  #before: Reading;

  constructor(thread: WatchedThread, worker: number) {
    this.#thread = thread;
    this.#worker = worker;
    this.#before = read(thread);
  }

  /** undefined once the thread is gone. */
  sample(): WorkerSample | undefined {
    if (this.#thread.isGone) return undefined;
    const before = this.#before;
    const reading = read(this.#thread);
    this.#before = reading;
    const { arrivals, p99Us, maxUs } = this.#thread.takeLateness();
    const activeMs = reading.activeMs - before.activeMs;
    const totalMs = activeMs + reading.idleMs - before.idleMs;
    return {
      worker: this.#worker,
      utilisation: totalMs > 0 ? Math.min(1, Math.max(0, activeMs / totalMs)) : 0,
      loopDelayUs: this.#thread.takeLoopDelayUs(),
      arrivals,
      latenessP99Us: p99Us,
      latenessMaxUs: maxUs,
      ...subtractTimes(reading.times, before.times),
    };
  }
}

interface Reading {
  activeMs: number;
  idleMs: number;
  times: ReturnType<typeof readThreadTimes>;
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
