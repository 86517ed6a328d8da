import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Endpoint } from '../drivers/driver.ts';
import type { WatchRecord } from '../result/samples.ts';
import { tuneV8 } from '../v8-flags.ts';

export interface WatchInput {
  endpoint: Endpoint;
  timeoutUs: number;
}

export type WatchMessage =
  /** The canary has had its first answer. */
  | { type: 'alive' }
  | { type: 'unborn' | 'dead' | 'refused'; text: string }
  | ({ type: 'seen' } & Pick<WatchRecord, 'canary' | 'witness'>);

/** Resolves from src and dist alike: Node runs no .ts in a worker. */
const WORKER_FILE = new URL('../../dist/probes/watch-worker.js', import.meta.url);

const END_TIMEOUT_MS = 1000;

/** The kill switch: a canary and a witness in a thread of their own. */
export class Watch {
  readonly #thread: Worker;
  readonly #gone: Promise<void>;
  #onSeen: (seen: Pick<WatchRecord, 'canary' | 'witness'>) => void = () => {};
  #onAlarm: (reason: string) => void = () => {};
  /** What went wrong before anybody listened. */
  #early: string | undefined;

  private constructor(thread: Worker) {
    this.#thread = thread;
    this.#gone = new Promise((resolve) => thread.once('exit', () => resolve()));
    thread.on('message', (message: WatchMessage) => this.#take(message));
    thread.on('error', (error) => this.#raise(`its thread ended: ${String(error)}`));
  }

  /** Resolves when the canary sings; rejects with a line where it cannot be connected. */
  static start(input: WatchInput): Promise<Watch> {
    tuneV8();
    const thread = new Worker(WORKER_FILE, { workerData: input });
    return new Promise((resolve, reject) => {
      const watch = new Watch(thread);
      thread.on('message', (message: WatchMessage) => {
        if (message.type === 'alive') resolve(watch);
        if (message.type === 'unborn') {
          void watch.stop();
          reject(new Error(message.text));
        }
      });
      thread.once('error', reject);
    });
  }

  /** `onAlarm` is called at once where the alarm was earlier. */
  listen(
    onSeen: (seen: Pick<WatchRecord, 'canary' | 'witness'>) => void,
    onAlarm: (reason: string) => void,
  ): void {
    this.#onSeen = onSeen;
    this.#onAlarm = onAlarm;
    if (this.#early !== undefined) onAlarm(this.#early);
  }

  /** Ends its connections in order; a login that is still waited for is cut off. May be called twice. */
  async stop(): Promise<void> {
    this.#onSeen = () => {};
    this.#onAlarm = () => {};
    this.#thread.postMessage('stop');
    await Promise.race([this.#gone, delay(END_TIMEOUT_MS, undefined, { ref: false })]);
    await this.#thread.terminate();
  }

  #take(message: WatchMessage): void {
    if (message.type === 'seen') {
      const { canary, witness } = message;
      this.#onSeen({ canary, witness });
    }
    if (message.type === 'dead') this.#raise(`the canary died (${message.text})`);
    if (message.type === 'refused') {
      this.#raise(`new connections of others are refused (${message.text})`);
    }
  }

  #raise(what: string): void {
    this.#early ??= `kill switch: ${what}`;
    this.#onAlarm(this.#early);
  }
}
