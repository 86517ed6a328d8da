import { EventEmitter } from 'node:events';
import type { Driver } from '../../../src/drivers/driver.ts';
import { EventWriter } from '../../../src/load/record/event-ring.ts';
import type {
  CoordinatorMessage,
  WorkerInput,
  WorkerMessage,
} from '../../../src/load/threads/messages.ts';
import type { CrewThread, Timekeeper } from '../../../src/load/threads/ports.ts';
import { type WorkerHost, WorkerLoad } from '../../../src/load/threads/worker-load.ts';
import { LOOP_BEAT_US } from '../../../src/model/measures.ts';
import type { WatchedThread } from '../../../src/probes/generator/worker.ts';
import type { ProbesListener } from '../../../src/probes/probes.ts';
import type { GeneratorSample, WorkerSample } from '../../../src/result/records/samples.ts';
import type { RunPorts, TargetProbes } from '../../../src/run/legs/ports.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What real threads take to be ready, and a message on its way. */
const READY_US = 30_000;
const MESSAGE_US = 100;
const WALL_MS = Date.UTC(2026, 0, 1);

/** Clocks and timers in virtual time. */
export function keepVirtually(time: VirtualTime): Timekeeper {
  const after = (us: number, act: () => void): (() => void) => {
    let isWanted = true;
    time.at(time.nowUs + Math.round(us), () => isWanted && act());
    return () => {
      isWanted = false;
    };
  };
  return {
    readMonotonicUs: time.now,
    readWallMs: () => WALL_MS + time.nowUs / 1000,
    after: (ms, act) => after(ms * 1000, act),
    every: (ms, act) => {
      let end = (): void => {};
      const again = (): void => {
        end = after(ms * 1000, () => {
          again();
          act();
        });
      };
      again();
      return () => end();
    },
  };
}

export type CreateDriver = (
  input: WorkerInput,
  ...args: Parameters<WorkerHost['createDriver']>
) => Driver;

/** A worker with its real load in virtual time; messages take a moment, as they do between threads. */
export class VirtualThread extends EventEmitter implements CrewThread {
  readonly #time: VirtualTime;
  readonly performance = {
    eventLoopUtilization: () => ({ active: 0, idle: this.#time.nowUs / 1000 }),
  };
  readonly #load: WorkerLoad;
  #isGone = false;

  constructor(input: WorkerInput, time: VirtualTime, createDriver: CreateDriver) {
    super();
    this.#time = time;
    this.#load = new WorkerLoad(input, {
      events: new EventWriter(input.events),
      startClock: (t0Us) => () => time.nowUs - t0Us,
      createTimers: time.createTimers,
      createDriver: (sink, now) => createDriver(input, sink, now),
      post: (message) => this.#tell(MESSAGE_US, message),
      end: () => this.#later(MESSAGE_US, () => this.#end()),
    });
    this.#tell(READY_US, { type: 'ready', threadId: null });
  }

  postMessage(message: CoordinatorMessage): void {
    this.#later(MESSAGE_US, () => this.#load.take(message));
  }

  async terminate(): Promise<void> {
    this.#end();
  }

  #tell(us: number, message: WorkerMessage): void {
    this.#later(us, () => this.emit('message', message));
  }

  #later(us: number, act: () => void): void {
    this.#time.at(this.#time.nowUs + us, () => this.#isGone || act());
  }

  #end(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.emit('exit');
  }
}

/** A generator on a machine of its own, which nothing holds up. */
export function watchIdly(
  time: VirtualTime,
  threads: readonly WatchedThread[],
): ReturnType<RunPorts['watchGenerator']> {
  let beforeUs = time.nowUs;
  const sampleWorker = (thread: WatchedThread, worker: number, elapsedUs: number): WorkerSample => {
    const { arrivals, p99Us, maxUs } = thread.takeLateness();
    const beats = Math.floor(elapsedUs / LOOP_BEAT_US);
    return {
      worker,
      utilisation: 0.01,
      loopDelayUs: 0,
      loopDelaysUs: Array.from({ length: beats }, () => 0),
      arrivals,
      latenessP99Us: p99Us,
      latenessMaxUs: maxUs,
    };
  };
  return {
    sample: (atUs): GeneratorSample => {
      const elapsedUs = time.nowUs - beforeUs;
      beforeUs = time.nowUs;
      return {
        type: 'sample',
        probe: 'generator',
        atUs,
        elapsedUs,
        cpuUs: Math.round(0.01 * elapsedUs),
        hostBusyUs: Math.round(0.02 * elapsedUs),
        hostTotalUs: elapsedUs,
        workers: threads.map((thread, worker) => sampleWorker(thread, worker, elapsedUs)),
      };
    },
    stop: () => {},
  };
}

/** Probes of a target that a test speaks for: they see nothing by themselves. */
export class VirtualProbes implements TargetProbes {
  readonly #alarm = new AbortController();
  #listener: ProbesListener | undefined;
  #slow: string | undefined;

  get alarm(): AbortSignal {
    return this.#alarm.signal;
  }

  /** Moments until which the kill switch was suspended, on the monotonic clock. */
  readonly allowedUs: number[] = [];

  async allow(untilUs: number): Promise<void> {
    this.allowedUs.push(untilUs);
  }

  async mark(): Promise<void> {}

  async lookOnce(): Promise<void> {}

  async stop(): Promise<void> {}

  listen(listener: ProbesListener): void {
    this.#listener = listener;
    if (this.#slow !== undefined) listener.slowed(this.#slow);
    if (this.alarm.aborted) listener.alarmed(String(this.alarm.reason));
  }

  /** The kill switch ends the run. */
  raise(reason: string): void {
    this.#alarm.abort(`kill switch: ${reason}`);
    this.#listener?.alarmed(String(this.alarm.reason));
  }

  /** The target is too slow to others, which ends the step of a search. */
  slow(reason: string): void {
    this.#slow = `kill switch: ${reason}`;
    this.#listener?.slowed(this.#slow);
  }

  comeBack(): void {
    this.#slow = undefined;
    this.#listener?.cameBack();
  }
}
