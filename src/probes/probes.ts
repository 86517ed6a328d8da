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

/** The subjects of the probes, and how the probes log in. */
export interface ProbesInput {
  endpoint: Endpoint;
  /** Whether a login like the storm's was encrypted by TLS. */
  isEncrypted: boolean;
  /**
   * Settings by which the canary and the server probe lift the server's time limits, where the server takes them;
   * absent: the limits stay.
   */
  unlimited?:
    | { /** Startup options of their logins. */ options: string }
    | { /** The canary's query. */ question: string };
  timeoutUs: number;
  /** The limits of the kill switch (canary and witness); undefined: there is no kill switch. */
  watch:
    | (WatchLimits & { /** Slowness ends the step of a search, not the run. */ endsStep: boolean })
    | undefined;
  /**
   * Whether the storm is meant to use up all slots. The kill switch then counts refusals because no slot is free, but
   * raises no alarm.
   */
  isFullExpected: boolean;
  /** undefined: only what the kill switch saw is reported about the target. */
  sampled:
    | {
        /**
         * The postmaster, if the server runs on this machine and its postmaster is known; otherwise the reason why not.
         */
        host: LocalPostmaster | { reason: string };
        /**
         * Set behind a pooler: its console is asked in place of the server, whose views show little about clients
         * there.
         */
        pooler: { isHere: boolean } | undefined;
      }
    | undefined;
}

export type ProbesMessage =
  /** Each probe works, or has reported why it does not. */
  | { type: 'started' }
  /** The canary cannot be connected, and the kill switch cannot work without it. */
  | { type: 'unborn'; reason: string; failure: Failure | undefined }
  | { type: 'looked'; number: number }
  | { type: 'allowed'; number: number }
  | { type: 'told'; report: ProbeReport }
  | { type: 'seen'; seen: Seen }
  | { type: 'alarm'; reason: string }
  /** The target is too slow for other clients, which ends a step. `back` follows when it is in time again. */
  | { type: 'slow'; reason: string }
  | { type: 'back' }
  /** The last message: the sessions that were opened. */
  | { type: 'ended'; sessions: ProbeSessions };

/** Logins of the probes that became ready. */
export type ProbeSessions = Record<'canary' | 'witness' | 'server', number>;

/** Orders to the probes' thread. */
export type ProbesOrder =
  /**
   * Take a sample with every probe that can be asked for one, now or after the server's processes have settled.
   * `looked` follows.
   */
  | { type: 'look'; number: number; settles: boolean }
  /** Raise no alarm until this moment of the monotonic clock, and connect again what is cut off. `allowed` follows. */
  | { type: 'allow'; number: number; untilUs: number }
  | { type: 'stop' };

export interface ProbesListener {
  /** T0 on the clock of `readMonotonicUs`. The times of reports count from it. */
  t0Us: number;
  told: (report: ProbeReport) => void;
  seen: (seen: Seen) => void;
  /** Called at an alarm of the kill switch. */
  alarmed: (reason: string) => void;
  /** Called in a search when the target is too slow for other clients; `cameBack` follows when it is in time again. */
  slowed: (reason: string) => void;
  cameBack: () => void;
}

const THREAD_FILE = new URL('./server/probe.thread.js', import.meta.url);
/** How long the thread may take to post its last account and to close what it has open. */
const THREAD_END_TIMEOUT_MS = 1000;
/** A server that does not answer must not keep a leg from beginning or ending. */
const LOOK_TIMEOUT_MS = 2500;
/** Limit of reports kept until `listen` is called: states, and samples of a second or two. */
const EARLY_KEPT = 100;

/**
 * The probes of the target and the kill switch, in a thread of their own: their pace must not depend on how busy the
 * storm is.
 */
export class Probes {
  readonly #input: ProbesInput;
  readonly #thread: Worker;
  readonly #gone: Promise<void>;
  readonly #early: ProbeReport[] = [];
  /** The probes that work now. */
  readonly #working = new Set<ProbeRecord['probe']>();
  readonly #alarm = new AbortController();
  #listener: ProbesListener | undefined;
  /** The reason that `listen` passes to a search, if the target is too slow now. */
  #slow: string | undefined;
  /** The account of the time before `listen` was called, since the target was last in time. */
  #earlySeen: Seen | undefined;
  /** When the sample before the load was ordered. Samples that begin later are reported. */
  #markUs: number | undefined;
  readonly #looks: (() => void)[] = [];
  readonly #allows: (() => void)[] = [];
  #isOver = false;
  #sessions: ProbeSessions | undefined;

  private constructor(input: ProbesInput) {
    this.#input = input;
    this.#thread = new Worker(THREAD_FILE, { workerData: input });
    this.#gone = new Promise((resolve) => this.#thread.once('exit', () => resolve()));
    this.#thread.on('message', (message: ProbesMessage) => this.#take(message));
    this.#thread.on('error', (error) => this.#noteBreak(error));
  }

  /**
   * Resolves when each probe works or has reported why it does not. A probe that does not work keeps no run from
   * starting. Rejects with one line if the kill switch is wanted and its canary cannot be connected. The cause is then
   * the Failure, if there is one.
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
      void probes.#gone.then(() =>
        reject(new Error('the thread of the probes ended before it was ready')),
      );
    });
  }

  /** Aborts at an alarm of the kill switch, even if `listen` was not called. The abort reason is the alarm's text. */
  get alarm(): AbortSignal {
    return this.#alarm.signal;
  }

  /**
   * Takes a sample, so that the next one covers the load alone. Call it before the load begins. Resolves when the
   * sample is taken, or after `LOOK_TIMEOUT_MS`.
   */
  mark(): Promise<void> {
    this.#markUs ??= readMonotonicUs();
    return this.#look({ settles: false });
  }

  /**
   * Takes a last sample, once the processes of closed connections have ended, so that the samples cover the whole load.
   */
  lookOnce(): Promise<void> {
    return this.#look({ settles: true });
  }

  /**
   * Suspends the kill switch until `untilUs` of the monotonic clock, because the scenario itself cuts off others. Resolves
   * when the probes know of it.
   */
  async allow(untilUs: number): Promise<void> {
    if (this.#isOver || this.#input.watch === undefined) return;
    const allowed = new Promise<void>((resolve) => this.#allows.push(resolve));
    this.#order({ type: 'allow', number: this.#allows.length, untilUs });
    await Promise.race([allowed, this.#gone, delay(LOOK_TIMEOUT_MS, undefined, { ref: false })]);
  }

  /** The sessions that the probes opened, once they were stopped; undefined if their thread did not report them. */
  get sessions(): ProbeSessions | undefined {
    return this.#sessions;
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

  /** Passes all reports to `listener`, first those from before the call, and an earlier alarm. */
  listen(listener: ProbesListener): void {
    this.#listener = listener;
    for (const report of this.#early.splice(0)) this.#handOn(listener, report);
    const isKnown = this.alarm.aborted || this.#slow !== undefined;
    if (isKnown && this.#earlySeen !== undefined) listener.seen(this.#earlySeen);
    if (this.#slow !== undefined) listener.slowed(this.#slow);
    if (this.alarm.aborted) listener.alarmed(String(this.alarm.reason));
  }

  /**
   * Closes the probes' connections in order; a login that is still under way is cut off after a moment. The kill switch
   * reports what it saw last. May be called twice.
   */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#order({ type: 'stop' });
    await Promise.race([this.#gone, delay(THREAD_END_TIMEOUT_MS, undefined, { ref: false })]);
    await this.#thread.terminate();
  }

  #take(message: ProbesMessage): void {
    // The last account comes after the order to stop.
    if (message.type === 'seen') this.#noteSeen(message.seen);
    if (message.type === 'ended') this.#sessions = message.sessions;
    if (this.#isOver) return;
    if (message.type === 'told') this.#report(message.report);
    if (message.type === 'looked') this.#looks[message.number - 1]?.();
    if (message.type === 'allowed') this.#allows[message.number - 1]?.();
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

  /** Notes that the target is too slow. undefined: it is in time again. */
  #noteSlow(reason: string | undefined): void {
    this.#slow = reason;
    if (reason === undefined) this.#earlySeen = undefined;
    if (reason === undefined) this.#listener?.cameBack();
    else this.#listener?.slowed(reason);
  }

  #report(report: ProbeReport): void {
    if (report.type === 'probe') this.#noteState(report);
    const isOfUse = report.type === 'probe' || this.#markUs !== undefined;
    if (this.#listener !== undefined) this.#handOn(this.#listener, report);
    else if (isOfUse && this.#early.length < EARLY_KEPT) this.#early.push(report);
  }

  #noteState({ probe, state }: ProbeRecord): void {
    if (state === 'on' || state === 'back') this.#working.add(probe);
    else this.#working.delete(probe);
  }

  /**
   * Drops samples that begin before the mark (without a mark: T0), because they belong to no step. States are always
   * reported.
   */
  #handOn({ t0Us, told }: ProbesListener, report: ProbeReport): void {
    const atUs = report.atUs - t0Us;
    const fromUs = (this.#markUs ?? t0Us) - t0Us;
    if (report.type === 'probe') told({ ...report, atUs: Math.max(0, atUs) });
    else if (atUs > 0 && atUs - report.elapsedUs >= fromUs) told({ ...report, atUs });
  }

  /** Handles the end of the probes' thread: the run goes on without its samples, but not without its kill switch. */
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
