import { Worker } from 'node:worker_threads';
import { type Clock, createClock, readMonotonicUs } from '../clock.ts';
import type { ConnectionPlan, Endpoint } from '../drivers/driver.ts';
import { Recorder } from '../metrics/recorder.ts';
import type { EndRecord, IntervalRecord, StoppedBy } from '../result/records.ts';
import type { Plan } from '../scenario/plan.ts';
import { allocateRing } from './event-ring.ts';
import { allocateFailureTable } from './failure-table.ts';
import { Journal } from './journal.ts';
import type { CoordinatorMessage, WorkerInput, WorkerMessage } from './messages.ts';

export interface LoadOptions {
  plan: Plan;
  connection: ConnectionPlan;
  /** All workers together. */
  maxInFlight: number;
  workers: number;
  endpoint: Endpoint;
  onInterval: (record: IntervalRecord) => void;
  /** The worker's entry point; tests have their own. */
  workerFile?: URL;
}

/** What of the `end` record the load knows. */
export type LoadEnd = Omit<EndRecord, 'type' | 'scram'> & {
  scram: { derivations: number; salts: number };
};

/** Resolves from src and dist alike: Node runs no .ts in a worker. */
const WORKER_FILE = new URL('../../dist/load/worker.js', import.meta.url);
/** T0 lies this far ahead, so that every worker has its message by then. */
const START_MARGIN_US = 50_000;
const READ_EVERY_MS = 100;
/** An interval is closed so long after its end: the events of its last moments have been read by then. */
const CLOSE_MARGIN_US = 250_000;

/** The threads of one run: gives each its share, reads what they write down, and ends them together. */
export class Coordinator {
  readonly #options: LoadOptions;
  readonly #recorder: Recorder;
  readonly #crew: CrewMember[];
  #now: Clock = () => 0;
  #reading: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #stopped: { by: StoppedBy; reason?: string; atUs?: number } = { by: 'end' };
  #finish: (end: LoadEnd) => void = () => {};
  #break: (error: unknown) => void = () => {};
  /** Resolves when every worker has ended, however it did; rejects when what they wrote cannot be recorded. */
  readonly finished: Promise<LoadEnd>;

  private constructor(options: LoadOptions) {
    this.#options = options;
    this.#recorder = new Recorder({ steps: options.plan.steps });
    this.#crew = Array.from({ length: options.workers }, (_, worker) => this.#hire(worker));
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#break = reject;
    });
  }

  /** Starts the threads and waits until all are ready to start. Throws where one cannot be started. */
  static async launch(options: LoadOptions): Promise<Coordinator> {
    const coordinator = new Coordinator(options);
    try {
      await Promise.all(coordinator.#crew.map((member) => member.ready));
    } catch (error) {
      await Promise.all(coordinator.#crew.map((member) => member.thread.terminate()));
      throw error;
    }
    coordinator.#watchCrew();
    return coordinator;
  }

  /** Microseconds since T0. */
  get nowUs(): number {
    return this.#now();
  }

  /** Totals so far, of what was read. */
  get recorder(): Recorder {
    return this.#recorder;
  }

  /** Sets T0, shortly ahead, for all threads. Returns its wall-clock time. */
  start(): Date {
    const t0Us = readMonotonicUs() + START_MARGIN_US;
    const startedAt = new Date(Date.now() + START_MARGIN_US / 1000);
    this.#now = createClock(t0Us);
    this.#tell({ type: 'start', t0Us });
    this.#reading = setInterval(() => this.#guard(() => this.#read()), READ_EVERY_MS);
    const { schedule, gracefulStopUs } = this.#options.plan;
    this.#losePatienceIn(schedule.durationUs + gracefulStopUs + START_MARGIN_US);
    return startedAt;
  }

  /** Ends the arrivals; what is under way has `gracefulStop` to end. */
  stop(by: StoppedBy, reason: string): void {
    if (this.#stopped.by !== 'end') return;
    const atUs = this.#now();
    this.#stopped = { by, reason, atUs };
    this.#recorder.stopWindows(atUs);
    this.#tell({ type: 'stop' });
    this.#losePatienceIn(this.#options.plan.gracefulStopUs);
  }

  /** Ends everything at once. */
  cancel(): void {
    this.#tell({ type: 'cancel' });
  }

  #hire(worker: number): CrewMember {
    const { plan, workers, maxInFlight, endpoint, connection, workerFile } = this.#options;
    const memory = { events: allocateRing(), failures: allocateFailureTable() };
    const input: WorkerInput = {
      ...memory,
      schedule: plan.schedule,
      steps: plan.steps,
      worker,
      workers,
      maxInFlight: shareOf(maxInFlight, worker, workers),
      driver: plan.driver,
      endpoint,
      connection,
    };
    const thread = new Worker(workerFile ?? WORKER_FILE, { workerData: input });
    return new CrewMember(thread, new Journal(memory, plan.steps.length, this.#recorder));
  }

  #tell(message: CoordinatorMessage): void {
    for (const member of this.#crew) member.thread.postMessage(message);
  }

  #losePatienceIn(us: number): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.cancel(), us / 1000);
  }

  #read(): void {
    for (const member of this.#crew) member.journal.read();
    for (const record of this.#recorder.closeIntervals(this.#now() - CLOSE_MARGIN_US)) {
      this.#options.onInterval(record);
    }
  }

  #watchCrew(): void {
    for (const member of this.#crew) {
      void member.gone.then(() => this.#guard(() => this.#memberGone(member)));
    }
  }

  /** A defect in recording ends the threads and the run, not the process. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      clearInterval(this.#reading);
      clearTimeout(this.#patience);
      for (const { thread } of this.#crew) void thread.terminate();
      this.#break(error);
    }
  }

  #memberGone(member: CrewMember): void {
    member.journal.recordLost(this.#now());
    if (member.crash !== undefined) {
      const number = this.#crew.indexOf(member) + 1;
      this.stop('error', `worker ${number} of ${this.#crew.length} crashed: ${member.crash}`);
      this.cancel();
    }
    if (this.#crew.every(({ isGone }) => isGone)) this.#end();
  }

  #end(): void {
    clearInterval(this.#reading);
    clearTimeout(this.#patience);
    this.#read();
    const atUs = Math.max(0, this.#now());
    for (const record of this.#recorder.closeAll(atUs)) this.#options.onInterval(record);
    const { by: stoppedBy, reason, atUs: stopAtUs } = this.#stopped;
    const derivations = this.#crew.reduce((sum, { scram }) => sum + scram.derivations, 0);
    // Each worker counts the salts it met; the largest count is what is known for sure.
    const salts = Math.max(...this.#crew.map(({ scram }) => scram.salts));
    this.#finish({
      atUs,
      stoppedBy,
      ...(stopAtUs === undefined ? {} : { stopAtUs }),
      ...(reason === undefined ? {} : { reason }),
      scram: { derivations, salts },
    });
  }
}

/** One worker thread, from its start to its end. */
class CrewMember {
  readonly thread: Worker;
  readonly journal: Journal;
  /** Rejects when the thread ends before it is ready. */
  readonly ready: Promise<void>;
  readonly gone: Promise<void>;
  isGone = false;
  /** Why it ended, where it was not done. */
  crash: string | undefined;
  scram = { derivations: 0, salts: 0 };

  constructor(thread: Worker, journal: Journal) {
    this.thread = thread;
    this.journal = journal;
    this.crash = 'it ended without a word';
    this.gone = new Promise((resolve) => {
      thread.once('exit', () => {
        this.isGone = true;
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      thread.on('message', (message: WorkerMessage) => {
        if (message.type === 'ready') resolve();
        else this.#noteDone(message);
      });
      thread.on('error', (error) => {
        this.crash = error instanceof Error ? error.message : String(error);
        reject(error);
      });
      void this.gone.then(() => reject(new Error(`a worker did not start: ${this.crash}`)));
    });
  }

  #noteDone({ scram }: Extract<WorkerMessage, { type: 'done' }>): void {
    this.crash = undefined;
    this.scram = scram;
  }
}

/** A cap divided among the workers, the remainder to the first. */
export function shareOf(cap: number, worker: number, workers: number): number {
  return Math.floor(cap / workers) + (worker < cap % workers ? 1 : 0);
}
