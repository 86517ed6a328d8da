import { Worker } from 'node:worker_threads';
import { readMonotonicUs } from '../../clock.ts';
import type { CoordinatorMessage, WorkerInput, WorkerMessage } from './messages.ts';

/** What the coordinator needs of a thread. */
export interface CrewThread {
  readonly performance: {
    /** Since the thread's start, in milliseconds. */
    eventLoopUtilization(): { active: number; idle: number };
  };
  postMessage(message: CoordinatorMessage): void;
  terminate(): Promise<unknown>;
  once(event: 'exit', listener: () => void): unknown;
  on(event: 'message', listener: (message: WorkerMessage) => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
}

/** Clocks and timers of whoever leads a load. */
export interface Timekeeper {
  /** The current moment of the monotonic clock, in whole microseconds. */
  readMonotonicUs(): number;
  /** The current wall-clock time, in milliseconds since 1970. */
  readWallMs(): number;
  /** Calls back once. Returns what keeps it from doing so. */
  after(ms: number, act: () => void): () => void;
  /** Calls back again and again. Returns what ends that. */
  every(ms: number, act: () => void): () => void;
}

/** Where a load's threads and its time come from. Tests have their own, whose time is virtual. */
export interface LoadPorts {
  startThread(input: WorkerInput): CrewThread;
  time: Timekeeper;
}

/** Room for young objects: a storm makes many, and collecting them often costs every attempt a little. */
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
