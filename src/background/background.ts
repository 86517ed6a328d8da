import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { BackgroundRecord } from '../result/records/background.ts';
import { tuneV8 } from '../v8-flags.ts';
import type { BackgroundInput, BackgroundMessage, BackgroundOrder } from './messages.ts';

export interface BackgroundListener {
  /** T0 on the clock of `readMonotonicUs`. */
  t0Us: number;
  told: (record: BackgroundRecord) => void;
  /** Called if the thread dies. The reason is one line. */
  broke: (reason: string) => void;
}

const THREAD_FILE = new URL('./background.thread.js', import.meta.url);
/** How long the thread may take to post its last records and to close its connections, with `atOnce` and without. */
const END_TIMEOUT_MS = { atOnce: 3000, gently: 15_000 };

/** The activities beside the load of one leg, on a thread of their own. */
export class Background {
  readonly #thread: Worker;
  readonly #gone: Promise<void>;
  #listener: BackgroundListener | undefined;
  #isOver = false;

  private constructor(input: BackgroundInput) {
    this.#thread = new Worker(THREAD_FILE, { workerData: input });
    this.#gone = new Promise((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.on('message', (message: BackgroundMessage) => {
      if (message.type === 'told') this.#listener?.told(message.record);
    });
    this.#thread.on('error', (error) => {
      if (!this.#isOver)
        this.#listener?.broke(`the thread of the background ended: ${error.message}`);
    });
  }

  /**
   * Starts the thread, and resolves when all activities have opened what they need. Rejects with an Error of one line if
   * one cannot work. Aborting `stop` ends the opening: it then rejects with the signal's reason. Nothing is left behind
   * when it rejects.
   */
  static async start(input: BackgroundInput, stop: AbortSignal): Promise<Background> {
    tuneV8();
    const background = new Background(input);
    try {
      await background.#opened(stop);
      return background;
    } catch (error) {
      await background.stop({ atOnce: true });
      throw error;
    }
  }

  /** Begins the activities at T0. */
  begin(listener: BackgroundListener): void {
    this.#listener = listener;
    this.#order({ type: 'begin', t0Us: listener.t0Us });
  }

  /**
   * Ends the activities and closes their connections. Resolves when the last records have arrived. `atOnce`: acts under
   * way are cancelled, not waited for. May be called twice.
   */
  async stop({ atOnce }: { atOnce: boolean }): Promise<void> {
    if (!this.#isOver) this.#order({ type: 'stop', atOnce });
    this.#isOver = true;
    await Promise.race([
      this.#gone,
      delay(END_TIMEOUT_MS[atOnce ? 'atOnce' : 'gently'], undefined, { ref: false }),
    ]);
    await this.#thread.terminate();
  }

  #opened(stop: AbortSignal): Promise<void> {
    const thread = this.#thread;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(stop.reason);
      stop.addEventListener('abort', abort, { once: true });
      if (stop.aborted) abort();
      thread.on('message', (message: BackgroundMessage) => {
        if (message.type === 'opened') resolve();
        else if (message.type === 'refused') reject(new Error(message.reason));
      });
      thread.once('error', reject);
      void this.#gone.then(() =>
        reject(new Error('the thread of the background ended before it was ready')),
      );
    });
  }

  #order(order: BackgroundOrder): void {
    this.#thread.postMessage(order);
  }
}
