import type { Clock } from '../../clock.ts';
import {
  ABSENT,
  Attempt,
  type AttemptSink,
  type Driver,
  ONLY_TRY,
  type Place,
} from '../../drivers/driver.ts';
import { isConnectionGone } from '../../drivers/failure.ts';
import type { Notice } from '../../drivers/protocol/notice.ts';
import type { Failure } from '../../model/measures.ts';
import { findPlace, goesOnAfter, type HostTurnsPlan } from '../clients/host-turns.ts';
import type { Block } from '../schedule/block.ts';
import { CONNECTION_OUTCOMES, EVENT, type EventWriter } from './event-ring.ts';
import type { FailureWriter } from './failure-table.ts';

/** Hears what became of attempts. Each event is recorded first, except `connecting`. */
export interface AttemptFollower {
  /** Called when the attempt is ready, before its row is recorded. */
  connecting(attempt: Attempt): void;
  /** Called when the attempt failed and an attempt at the next host is about to start in its place. */
  passedOn(attempt: Attempt): void;
  /** Called when the attempt ended without a connection. */
  missed(attempt: Attempt, atUs: number, wasCancelled: boolean): void;
  /** Called when the attempt's connection ended. `wasCut`: the server ended it during the hold or a query. */
  parted(attempt: Attempt, atUs: number, wasCut: boolean): void;
  /** Called when an attempt, a query or a connection ended: there may be room for more, or nothing left to do. */
  progressed(): void;
  /** Called after an event of a socket was handled. */
  turned(): void;
}

export interface AttemptsOptions {
  /** The block of each step. */
  blocks: readonly Block[];
  events: EventWriter;
  failures: FailureWriter;
  /** Absent: notices are not recorded. */
  notices?: FailureWriter | undefined;
  now: Clock;
  /** The answer that every connection is waited for; undefined: they send no query. */
  awaits: AwaitedAnswer | undefined;
  /** undefined: each connect is one attempt. */
  hostTurns: HostTurnsPlan | undefined;
  follower: AttemptFollower;
}

/** The answer to the first query, or to the last statement. */
export type AwaitedAnswer = 'firstQuery' | 'usable';

/** Starts attempts, takes the driver's events, records them, and counts what is under way. */
export class Attempts implements AttemptSink {
  readonly #options: AttemptsOptions;
  readonly #follower: AttemptFollower;
  driver: Driver | undefined;
  inFlight = 0;
  /** Connections that are ready and have not ended. */
  open = 0;
  /** Open connections whose awaited answer has not come yet. */
  awaitingAnswer = 0;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#follower = options.follower;
  }

  /**
   * Starts an attempt. `owner`: its session or client. `scheduledUs`: ABSENT in a closed loop, which has no schedule;
   * the start counts in its place. `connect`: number of the connect among those of the same owner.
   */
  start(
    kind: typeof EVENT.begun | typeof EVENT.retried,
    step: number,
    index: number,
    scheduledUs: number,
    owner: unknown,
    connect = 0,
  ): void {
    const startUs = this.#options.now();
    const atUs = scheduledUs === ABSENT ? startUs : scheduledUs;
    const seed = this.#options.blocks[step]?.seed ?? 0;
    const { hostTurns } = this.#options;
    const place = hostTurns && findPlace(hostTurns, { seed, index, connect }, 0);
    this.#open(kind, new Attempt(step, index, atUs, startUs, owner, seed, place ?? ONLY_TRY));
  }

  #open(kind: Parameters<EventWriter['write']>[0], attempt: Attempt): void {
    const { events } = this.#options;
    const { startUs } = attempt;
    this.#blockOf(attempt)?.noteStarted();
    this.inFlight++;
    events.write(kind, attempt, startUs);
    this.driver?.open(attempt);
  }

  /** Records an arrival that is dropped, because there is no room for it. */
  drop(step: number, index: number, scheduledUs: number): void {
    const { events, now } = this.#options;
    const atUs = now();
    events.write(EVENT.dropped, new Attempt(step, index, scheduledUs, atUs), atUs);
  }

  ready(attempt: Attempt): void {
    this.inFlight--;
    this.open++;
    this.#blockOf(attempt)?.noteReady();
    if (this.#options.awaits !== undefined) this.awaitingAnswer++;
    this.#follower.connecting(attempt);
    this.#options.events.write(EVENT.ok, attempt, attempt.readyUs);
    this.#follower.progressed();
  }

  failed(attempt: Attempt, failure: Failure, atUs: number): void {
    const { events, failures } = this.#options;
    const id = failures.idOf(failure);
    const next = this.#findNext(attempt, failure);
    if (next === undefined) {
      events.write(EVENT.failed, attempt, atUs, ABSENT, id);
      this.#miss(attempt, atUs, false);
      return;
    }
    // The reader sees this row together with that of the next attempt, so no connect is between two hosts.
    events.write(EVENT.passedOn, attempt, atUs, ABSENT, id, { held: true });
    this.inFlight--;
    this.#blockOf(attempt)?.noteMissed();
    this.#follower.passedOn(attempt);
    const { step, index, scheduledUs, owner, seed, connectStartUs } = attempt;
    const startUs = this.#options.now();
    const place = { ...next, sinceUs: connectStartUs };
    const further = new Attempt(step, index, scheduledUs, startUs, owner, seed, place);
    this.#open(EVENT.nextHost, further);
  }

  /** Returns where the connect goes on after a failed attempt; undefined: it is over. */
  #findNext({ seed, index, place }: Attempt, failure: Failure): Place | undefined {
    const { hostTurns } = this.#options;
    if (hostTurns === undefined || !goesOnAfter(failure)) return undefined;
    return findPlace(hostTurns, { seed, index, connect: place.connect }, place.turn + 1);
  }

  cancelled(attempt: Attempt, atUs: number): void {
    this.#options.events.write(EVENT.cancelled, attempt, atUs);
    this.#miss(attempt, atUs, true);
  }

  abandoned(attempt: Attempt, atUs: number): void {
    this.#options.events.write(EVENT.abandoned, attempt, atUs);
    this.#miss(attempt, atUs, false);
  }

  firstQuery(attempt: Attempt): void {
    if (this.#options.awaits === 'firstQuery') this.awaitingAnswer--;
    this.#options.events.write(EVENT.firstQuery, attempt, attempt.queriedUs);
    this.#follower.progressed();
  }

  usable(attempt: Attempt): void {
    if (this.#options.awaits === 'usable') this.awaitingAnswer--;
    this.#options.events.write(EVENT.usable, attempt, attempt.usableUs);
    this.#follower.progressed();
  }

  noticed(attempt: Attempt, { severity, ...said }: Notice, atUs: number): void {
    const { events, notices } = this.#options;
    if (notices === undefined) return;
    const graded = severity === undefined ? {} : { severity };
    const id = notices.idOf({ layer: 'server', ...said, ...graded });
    events.write(EVENT.noticed, attempt, atUs, ABSENT, id);
  }

  turned(): void {
    this.#follower.turned();
  }

  /** Records a backend's age. `idle` does not wait for it; the end of the connection does. */
  backendAge(attempt: Attempt, atUs: number): void {
    this.#options.events.write(EVENT.backendAge, attempt, atUs);
  }

  connectionEnded(
    attempt: Attempt,
    outcome: (typeof CONNECTION_OUTCOMES)[number],
    failure: Failure | undefined,
    atUs: number,
  ): void {
    const { events, failures, awaits } = this.#options;
    this.open--;
    this.#blockOf(attempt)?.noteConnectionEnded();
    const answeredUs = awaits === 'usable' ? attempt.usableUs : attempt.queriedUs;
    if (awaits !== undefined && answeredUs === ABSENT) this.awaitingAnswer--;
    const id = failure === undefined ? 0 : failures.idOf(failure);
    events.write(EVENT.connectionEnded, attempt, atUs, CONNECTION_OUTCOMES.indexOf(outcome), id);
    // If the connection broke during the query, the query itself is not to blame.
    const isGone = failure !== undefined && isConnectionGone(failure);
    const wasCut = outcome === 'cut' || (outcome === 'queryFailed' && isGone);
    this.#follower.parted(attempt, atUs, wasCut);
    this.#follower.progressed();
  }

  #miss(attempt: Attempt, atUs: number, wasCancelled: boolean): void {
    this.inFlight--;
    this.#blockOf(attempt)?.noteMissed();
    this.#follower.missed(attempt, atUs, wasCancelled);
    this.#follower.progressed();
  }

  #blockOf({ step }: Attempt): Block | undefined {
    return this.#options.blocks[step];
  }
}
