import type { Clock } from '../../clock.ts';
import { ABSENT, Attempt, type AttemptSink, type Driver } from '../../drivers/driver.ts';
import { isConnectionGone } from '../../drivers/failure.ts';
import type { Notice } from '../../drivers/protocol/notice.ts';
import type { Failure } from '../../model/measures.ts';
import type { Block } from '../schedule/block.ts';
import { CONNECTION_OUTCOMES, EVENT, type EventWriter } from './event-ring.ts';
import type { FailureWriter } from './failure-table.ts';

/** Told what became of attempts, once it is written down, but for `connecting`. */
export interface AttemptFollower {
  /** It is ready, which is the next to be written down. */
  connecting(attempt: Attempt): void;
  /** It ended without a connection. */
  missed(attempt: Attempt, atUs: number, wasCancelled: boolean): void;
  /** The connection that came of it is over; `wasCut`: by the other side, while we kept it or asked a query. */
  parted(attempt: Attempt, atUs: number, wasCut: boolean): void;
  /** Something has ended: there may be room, or nothing left to do. */
  progressed(): void;
  /** A socket's event has been dealt with. */
  turned(): void;
}

export interface AttemptsOptions {
  /** The block of each step. */
  blocks: readonly Block[];
  events: EventWriter;
  failures: FailureWriter;
  /** Absent: notices are not written down. */
  notices?: FailureWriter | undefined;
  now: Clock;
  /** Whether every connection asks a query: the first answer of each is then awaited. */
  expectsQuery: boolean;
  follower: AttemptFollower;
}

/** What: starts attempts, hears from the driver what becomes of them, writes it down and counts what is under way. */
export class Attempts implements AttemptSink {
  readonly #options: AttemptsOptions;
  readonly #follower: AttemptFollower;
  driver: Driver | undefined;
  inFlight = 0;
  /** Connections that are ready and have not ended. */
  open = 0;
  /** Of these: whose first query has not been answered. */
  awaitingQuery = 0;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#follower = options.follower;
  }

  /** `owner`: the session or client it is for. `scheduledUs`: ABSENT in a closed loop, where nothing is scheduled; it is the start then. */
  start(
    kind: typeof EVENT.begun | typeof EVENT.retried,
    step: number,
    index: number,
    scheduledUs: number,
    owner: unknown,
  ): void {
    const { events, now } = this.#options;
    const startUs = now();
    const atUs = scheduledUs === ABSENT ? startUs : scheduledUs;
    const block = this.#options.blocks[step];
    const attempt = new Attempt(step, index, atUs, startUs, owner, block?.seed);
    block?.noteStarted();
    this.inFlight++;
    events.write(kind, attempt, startUs);
    this.driver?.open(attempt);
  }

  /** An arrival that is not begun, as a cap is reached. */
  drop(step: number, index: number, scheduledUs: number): void {
    const { events, now } = this.#options;
    const atUs = now();
    events.write(EVENT.dropped, new Attempt(step, index, scheduledUs, atUs), atUs);
  }

  ready(attempt: Attempt): void {
    this.inFlight--;
    this.open++;
    this.#blockOf(attempt)?.noteReady();
    if (this.#options.expectsQuery) this.awaitingQuery++;
    this.#follower.connecting(attempt);
    this.#options.events.write(EVENT.ok, attempt, attempt.readyUs);
    this.#follower.progressed();
  }

  failed(attempt: Attempt, failure: Failure, atUs: number): void {
    const id = this.#options.failures.idOf(failure);
    this.#options.events.write(EVENT.failed, attempt, atUs, ABSENT, id);
    this.#miss(attempt, atUs, false);
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
    this.awaitingQuery--;
    this.#options.events.write(EVENT.firstQuery, attempt, attempt.queriedUs);
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

  /** Being idle does not wait for it, the end of its connection does. */
  backendAge(attempt: Attempt, atUs: number): void {
    this.#options.events.write(EVENT.backendAge, attempt, atUs);
  }

  connectionEnded(
    attempt: Attempt,
    outcome: (typeof CONNECTION_OUTCOMES)[number],
    failure: Failure | undefined,
    atUs: number,
  ): void {
    const { events, failures, expectsQuery } = this.#options;
    this.open--;
    this.#blockOf(attempt)?.noteConnectionEnded();
    if (expectsQuery && attempt.queriedUs === ABSENT) this.awaitingQuery--;
    const id = failure === undefined ? 0 : failures.idOf(failure);
    events.write(EVENT.connectionEnded, attempt, atUs, CONNECTION_OUTCOMES.indexOf(outcome), id);
    // The query was not to blame where the connection went with it.
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
