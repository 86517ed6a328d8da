import { NO_SCRAM, type ScramFigures } from '../../drivers/login/scram-costs.ts';
import type { Journal, LatenessSince } from '../record/journal.ts';
import { type LoopUse, readLoopUse } from './loop-use.ts';
import type { CoordinatorMessage, WorkerMessage } from './messages.ts';
import type { CrewThread } from './ports.ts';
import { type LoopDelays, PulseReader } from './pulse.ts';

/** One worker thread, from its start to its end. */
export class CrewMember {
  readonly thread: CrewThread;
  readonly journal: Journal;
  readonly #pulse: PulseReader;
  /** Rejects if the thread ends before it is ready. */
  readonly ready: Promise<void>;
  readonly gone: Promise<void>;
  isIdle = false;
  isGone = false;
  /** Why the thread ended; undefined once it has posted `done`. */
  crash: string | undefined = 'it ended without a message';
  scram: ScramFigures = NO_SCRAM;
  /** The thread's id in the system; null if the system does not show it. */
  threadId: number | null = null;
  readonly #asked: ((pids: number[][]) => void)[] = [];

  constructor(thread: CrewThread, journal: Journal, pulse: SharedArrayBuffer, onIdle: () => void) {
    this.thread = thread;
    this.#pulse = new PulseReader(pulse);
    this.journal = journal;
    this.gone = new Promise((resolve) => {
      thread.once('exit', () => {
        this.isGone = true;
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      thread.on('message', (message: WorkerMessage) => {
        if (message.type !== 'ready') {
          this.#note(message, onIdle);
          return;
        }
        this.threadId = message.threadId;
        resolve();
      });
      thread.on('error', (error) => {
        this.crash = error instanceof Error ? error.message : String(error);
      });
      void this.gone.then(() => reject(this.#describeGone()));
    });
  }

  /** Throws an Error if the thread has ended since it was ready. */
  refuseIfGone(): void {
    if (this.isGone) throw this.#describeGone();
  }

  /**
   * Returns the use of the event loop since the thread's start; undefined if the thread stops or has ended. Reading costs
   * the thread nothing.
   */
  readLoopUse(): LoopUse | undefined {
    return readLoopUse(() => this.thread.performance.eventLoopUtilization());
  }

  /** Returns how late the loop was since the last call. */
  takeLoopDelays(): LoopDelays {
    return this.#pulse.take();
  }

  /** Returns the lateness of the arrivals that the journal has read since the last call. */
  takeLateness(): LatenessSince {
    return this.journal.takeLateness();
  }

  /** Resolves with the backends of its ready connections, a list for each endpoint; none if the thread has ended. */
  listBackends(): Promise<number[][]> {
    const told = new Promise<number[][]>((resolve) => this.#asked.push(resolve));
    const order: CoordinatorMessage = { type: 'listBackends', number: this.#asked.length };
    this.thread.postMessage(order);
    return Promise.race([told, this.gone.then(() => [])]);
  }

  #describeGone(): Error {
    return new Error(`a worker did not start: ${this.crash}`);
  }

  #note(message: Exclude<WorkerMessage, { type: 'ready' }>, onIdle: () => void): void {
    if (message.type === 'backends') {
      this.#asked[message.number - 1]?.(message.pids);
    } else if (message.type === 'done') {
      this.crash = undefined;
      this.scram = message.scram;
    } else {
      this.isIdle = true;
      onIdle();
    }
  }
}
