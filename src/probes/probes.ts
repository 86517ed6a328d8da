import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { readMonotonicUs } from '../clock.ts';
import type { Endpoint } from '../drivers/endpoint.ts';
import type { Failure } from '../model/measures.ts';
import type { ProbeRecord } from '../result/records/samples.ts';
import type { WatchLimits } from '../scenario/schema/kill-switch-schema.ts';
import { tuneV8 } from '../v8-flags.ts';
import type { LocalPostmaster } from './server/lasting-host.ts';
import { mergeSeen, type Seen } from './server/merge-seen.ts';
import type { ProbeReport } from './server/probe-journal.ts';

/** What is to be looked at, and by whom. */
export interface ProbesInput {
  endpoint: Endpoint;
  /** Whether a login as the storm's got TLS. */
  isEncrypted: boolean;
  /** How canary and server views go beyond limits on time, where the server takes it; absent: they are left as they are. */
  unlimited?:
    | { /** Of their logins. */ options: string }
    | { /** The canary's. */ question: string };
  timeoutUs: number;
  /** The kill switch, canary and witness, by its limits; undefined: there is none. */
  watch:
    | (WatchLimits & { /** Slowness ends the step of a search, not the run. */ endsStep: boolean })
    | undefined;
  /** Refusals for want of slots are what the storm is for: the kill switch counts them and raises no alarm. */
  isFullExpected: boolean;
  /** undefined: nothing is told of the target but what the kill switch saw. */
  sampled:
    | {
        /** Of a server on this machine whose postmaster is known; else why not. */
        host: LocalPostmaster | { reason: string };
        /** A console is asked in the server's place: behind a pooler its views say little of who connects. */
        pooler: { isHere: boolean } | undefined;
      }
    | undefined;
}

export type ProbesMessage =
  /** Each probe works, or has said why it does not. */
  | { type: 'started' }
  /** The kill switch cannot work without its canary. */
  | { type: 'unborn'; reason: string; failure: Failure | undefined }
  | { type: 'looked'; number: number }
  | { type: 'told'; report: ProbeReport }
  | { type: 'seen'; seen: Seen }
  | { type: 'alarm'; reason: string }
  /** Too slow to others, which ends a step; and in time again. */
  | { type: 'slow'; reason: string }
  | { type: 'back' };

/** What the thread is told. */
export type ProbesOrder =
  /** A sample of all that can be asked for one, now or once the server's processes have settled; `looked` follows. */
  { type: 'look'; number: number; settles: boolean } | { type: 'stop' };

export interface ProbesListener {
  /** T0, of `readMonotonicUs`: what is told is in times since then. */
  t0Us: number;
  told: (report: ProbeReport) => void;
  seen: (seen: Seen) => void;
  /** Of the kill switch. */
  alarmed: (reason: string) => void;
  /** Of a search: too slow to others, and in time again. */
  slowed: (reason: string) => void;
  cameBack: () => void;
}

const THREAD_FILE = new URL('./server/probe.thread.js', import.meta.url);
/** How long the thread has to tell its last account and to close what it has open. */
const THREAD_END_TIMEOUT_MS = 1000;
/** A server that does not answer must not keep a leg from beginning, nor from its end. */
const LOOK_TIMEOUT_MS = 2500;
/** What was told before anybody listened: states, and samples of a second or two. */
const EARLY_KEPT = 100;

/** Probes of the target, and the kill switch, in a thread of their own: their pace must not depend on what the storm keeps busy. */
export class Probes {
  readonly #input: ProbesInput;
  readonly #thread: Worker;
  readonly #gone: Promise<void>;
  readonly #early: ProbeReport[] = [];
  /** Those that work now. */
  readonly #working = new Set<ProbeRecord['probe']>();
  readonly #alarm = new AbortController();
  #listener: ProbesListener | undefined;
  /** What a search is to be told as soon as it listens. */
  #slow: string | undefined;
  /** Before anybody listened, and since the target was in time last. */
  #earlySeen: Seen | undefined;
  /** When the look before the load was asked for: what samples are of from then on is told. */
  #markUs: number | undefined;
  readonly #looks: (() => void)[] = [];
  #isOver = false;

  private constructor(input: ProbesInput) {
    this.#input = input;
    this.#thread = new Worker(THREAD_FILE, { workerData: input });
    this.#gone = new Promise((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.on('message', (message: ProbesMessage) => this.#take(message));
    this.#thread.on('error', (error) => this.#noteBreak(error));
  }

  /**
   * Resolves when each probe works or has said why it does not: that keeps nothing from running. Rejects with a line where
   * the kill switch is wanted and its canary cannot be connected; its cause is then the Failure, where there is one.
   */
  static start(input: ProbesInput): Promise<Probes> {
    tuneV8();
    const probes = new Probes(input);
    const thread = probes.#thread;
    return new Promise((resolve, reject) => {
      thread.on('message', (message: ProbesMessage) => {
        if (message.type === 'started') resolve(probes);
        if (message.type !== 'unborn') return;
        void probes.stop();
        reject(new Error(message.reason, { cause: message.failure }));
      });
      thread.once('error', reject);
      void probes.#gone.then(() => reject(new Error('its thread ended before it had begun')));
    });
  }

  /** Of the kill switch, whether anybody listens or not; the reason is its text. */
  get alarm(): AbortSignal {
    return this.#alarm.signal;
  }

  /**
   * Takes a sample, so that the next one is of the load alone. Call it before there is any; resolves when it is taken, or is
   * not to be had in time.
   */
  mark(): Promise<void> {
    this.#markUs ??= readMonotonicUs();
    return this.#look({ settles: false });
  }

  /** Takes a last sample, once the server's processes have ended whose connections have: all of the load is in the samples. */
  lookOnce(): Promise<void> {
    return this.#look({ settles: true });
  }

  async #look({ settles }: { settles: boolean }): Promise<void> {
    if (this.#isOver || this.#input.sampled === undefined) return;
    const looked = new Promise<void>((resolve) => this.#looks.push(resolve));
    this.#order({ type: 'look', number: this.#looks.length, settles });
    await Promise.race([looked, this.#gone, delay(LOOK_TIMEOUT_MS, undefined, { ref: false })]);
  }

  #order(order: ProbesOrder): void {
    this.#thread.postMessage(order);
  }

  /** What was told before comes first, and an alarm that was earlier. */
  listen(listener: ProbesListener): void {
    this.#listener = listener;
    for (const report of this.#early.splice(0)) this.#tell(listener, report);
    const isKnown = this.alarm.aborted || this.#slow !== undefined;
    if (isKnown && this.#earlySeen !== undefined) listener.seen(this.#earlySeen);
    if (this.#slow !== undefined) listener.slowed(this.#slow);
    if (this.alarm.aborted) listener.alarmed(String(this.alarm.reason));
  }

  /**
   * Ends their connections in order; a login that is still waited for is cut off after a moment. The kill switch tells the last of
   * what it saw. May be called twice.
   */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#order({ type: 'stop' });
    await Promise.race([this.#gone, delay(THREAD_END_TIMEOUT_MS, undefined, { ref: false })]);
    await this.#thread.terminate();
  }

  #take(message: ProbesMessage): void {
    // The last account comes with the stop.
    if (message.type === 'seen') this.#noteSeen(message.seen);
    if (this.#isOver) return;
    if (message.type === 'told') this.#report(message.report);
    if (message.type === 'looked') this.#looks[message.number - 1]?.();
    if (message.type === 'alarm') this.#raise(message.reason);
    if (message.type === 'slow') this.#noteSlow(`kill switch: ${message.reason}`);
    if (message.type === 'back') this.#noteSlow(undefined);
  }

  #noteSeen(seen: Seen): void {
    if (this.#listener !== undefined) {
      this.#listener.seen(seen);
      return;
    }
    this.#earlySeen = this.#earlySeen === undefined ? seen : mergeSeen(this.#earlySeen, seen);
  }

  /** undefined: the target is in time again. */
  #noteSlow(reason: string | undefined): void {
    this.#slow = reason;
    if (reason === undefined) this.#earlySeen = undefined;
    if (reason === undefined) this.#listener?.cameBack();
    else this.#listener?.slowed(reason);
  }

  #report(report: ProbeReport): void {
    if (report.type === 'probe') this.#noteState(report);
    const isOfUse = report.type === 'probe' || this.#markUs !== undefined;
    if (this.#listener !== undefined) this.#tell(this.#listener, report);
    else if (isOfUse && this.#early.length < EARLY_KEPT) this.#early.push(report);
  }

  #noteState({ probe, state }: ProbeRecord): void {
    if (state === 'on' || state === 'back') this.#working.add(probe);
    else this.#working.delete(probe);
  }

  /** What was seen before the mark, or else T0, is of no step; what state a probe is in holds on. */
  #tell({ t0Us, told }: ProbesListener, report: ProbeReport): void {
    const atUs = report.atUs - t0Us;
    const fromUs = (this.#markUs ?? t0Us) - t0Us;
    if (report.type === 'probe') told({ ...report, atUs: Math.max(0, atUs) });
    else if (atUs > 0 && atUs - report.elapsedUs >= fromUs) told({ ...report, atUs });
  }

  /** The run goes on without what it only looked at; it does not without its kill switch. */
  #noteBreak(error: Error): void {
    if (this.#isOver) return;
    const reason = `its thread ended: ${error.message}`;
    const atUs = readMonotonicUs();
    for (const probe of [...this.#working]) {
      this.#report({ type: 'probe', atUs, probe, state: 'lost', reason });
    }
    if (this.#input.watch !== undefined) this.#raise(reason);
  }

  #raise(what: string): void {
    // The first reason stays.
    this.#alarm.abort(`kill switch: ${what}`);
    this.#listener?.alarmed(String(this.alarm.reason));
  }
}
