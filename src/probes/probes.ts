import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Endpoint } from '../drivers/driver.ts';
import type { ProbeRecord, SampleRecord } from '../result/samples.ts';
import { tuneV8 } from '../v8-flags.ts';

/** What is to be looked at. */
export interface ProbesInput {
  endpoint: Endpoint;
  /** Whether a login as the storm's got TLS. */
  isEncrypted: boolean;
  timeoutUs: number;
  /** Of a server on this machine whose postmaster is known; else why not. */
  host: { pid: number; port: number } | { reason: string };
  /** A console is asked in the server's place: behind a pooler its views say little of who connects. */
  isPooler: boolean;
}

/** Times are of `readMonotonicUs`: the run's T0 is set later. */
export type ProbeReport = SampleRecord | ProbeRecord;

export type ProbesMessage = { type: 'started' } | { type: 'told'; report: ProbeReport };

/** Resolves from src and dist alike: Node runs no .ts in a worker. */
const WORKER_FILE = new URL('../../dist/probes/probe-worker.js', import.meta.url);
const END_TIMEOUT_MS = 1000;
/** What was told before anybody listened: states, and samples of a second or two. */
const EARLY_KEPT = 100;

/** Probes of the server, in a thread of their own: their pace must not depend on what the storm keeps busy. */
export class Probes {
  readonly #thread: Worker;
  readonly #gone: Promise<void>;
  #listener: ((report: ProbeReport) => void) | undefined;
  readonly #early: ProbeReport[] = [];

  private constructor(thread: Worker) {
    this.#thread = thread;
    this.#gone = new Promise((resolve) => thread.once('exit', () => resolve()));
    thread.on('message', (message: ProbesMessage) => {
      if (message.type === 'told') this.#take(message.report);
    });
    thread.on('error', () => {});
  }

  /** Resolves when each probe works or has said why it does not; a probe that cannot work keeps nothing from running. */
  static start(input: ProbesInput): Promise<Probes> {
    tuneV8();
    const thread = new Worker(WORKER_FILE, { workerData: input });
    const probes = new Probes(thread);
    return new Promise((resolve, reject) => {
      thread.on('message', ({ type }: ProbesMessage) => {
        if (type === 'started') resolve(probes);
      });
      thread.once('error', reject);
      void probes.#gone.then(() => reject(new Error('the probes ended before they had begun')));
    });
  }

  /** What was told before comes first. */
  listen(listener: (report: ProbeReport) => void): void {
    this.#listener = listener;
    for (const report of this.#early.splice(0)) listener(report);
  }

  /** Ends their connections in order. May be called twice. */
  async stop(): Promise<void> {
    this.#listener = () => {};
    this.#thread.postMessage('stop');
    await Promise.race([this.#gone, delay(END_TIMEOUT_MS, undefined, { ref: false })]);
    await this.#thread.terminate();
  }

  #take(report: ProbeReport): void {
    if (this.#listener !== undefined) this.#listener(report);
    else if (this.#early.length < EARLY_KEPT) this.#early.push(report);
  }
}
