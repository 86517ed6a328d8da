import { Worker } from 'node:worker_threads';
import { readMonotonicUs } from '../../clock.ts';
import type { CoordinatorMessage, WorkerInput, WorkerMessage } from './messages.ts';

/** A thread, as the coordinator uses it. */
export interface CrewThread {
  readonly performance: {
    /** Returns totals since the thread's start, in milliseconds. */
    eventLoopUtilization(): { active: number; idle: number };
  };
  postMessage(message: CoordinatorMessage): void;
  terminate(): Promise<unknown>;
  once(event: 'exit', listener: () => void): unknown;
  on(event: 'message', listener: (message: WorkerMessage) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Clocks and timers for the code that leads a load. */
export interface Timekeeper {
  /** Returns the current moment of the monotonic clock, in whole microseconds. */
  readMonotonicUs(): number;
  /** Returns the current wall-clock time, in milliseconds since 1970. */
  readWallMs(): number;
  /** Calls back once. Returns a function that cancels the call. */
  after(ms: number, act: () => void): () => void;
  /** Calls back again and again. Returns a function that ends this. */
  every(ms: number, act: () => void): () => void;
}

/** The source of a load's threads and time. Tests have their own, whose time is virtual. */
export interface LoadPorts {
  startThread(input: WorkerInput): CrewThread;
  time: Timekeeper;
}

/** Room for young objects. A storm makes many; collecting them often costs every attempt a little. */
const YOUNG_GENERATION_MB = 64;

export const REAL_TIME: Timekeeper = {
  readMonotonicUs,
  readWallMs: () => Date.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, act) => {
    const timer = setInterval(act, ms);
    return () => clearInterval(timer);
  },
};

export const REAL_LOAD: LoadPorts = {
  startThread: (input) => startWorker(new URL('./worker.thread.js', import.meta.url), input),
  time: REAL_TIME,
};

/** Starts a worker thread whose entry point is `file`. */
export function startWorker(file: URL, input: WorkerInput): Worker {
  return new Worker(file, {
    workerData: input,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
}
