import type { Clock } from '../clock.ts';
import { ABSENT, Attempt, type AttemptSink, type Driver } from '../drivers/driver.ts';
import type { Failure } from '../result/records.ts';
import type { Step } from '../scenario/plan.ts';
import type { Arrivals } from './arrivals.ts';
import { CONNECTION_OUTCOMES, EVENT, type EventWriter } from './event-ring.ts';
import type { FailureWriter } from './failure-table.ts';

export interface OpenLoopOptions {
  arrivals: Arrivals;
  steps: Step[];
  /** Attempts not yet ready; an arrival beyond is dropped. */
  maxInFlight: number;
  events: EventWriter;
  failures: FailureWriter;
  now: Clock;
  /** Whether every connection asks a query: the loop then waits for the first answer of each. */
  expectsQuery: boolean;
  /** Called once, when the last attempt and its first query have ended and every connection is closed. */
  onDone: () => void;
}

/**
 * The open loop: starts each arrival at its moment, whatever became of those before, and writes down what happens.
 * Wakes by timer, so an arrival starts up to about 1 ms late; never early. The lateness is recorded, and latency
 * counts from the scheduled moment.
 */
export class OpenLoop implements AttemptSink {
  readonly #options: OpenLoopOptions;
  #driver: Driver | undefined;
  #timer: NodeJS.Timeout | undefined;
  #arrivalsLeft: boolean;
  #step = 0;
  #inFlight = 0;
  #awaitingQuery = 0;
  /** Connections that are ready and have not ended. */
  #open = 0;
  #closing = false;
  #done = false;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#arrivalsLeft = options.arrivals.advance();
  }

  /** Begins pacing; the clock's zero may lie ahead. The driver's sink is this loop. */
  start(driver: Driver): void {
    this.#driver = driver;
    this.#turn();
  }

  /** Starts what is due until now, and no more. */
  stop(): void {
    if (!this.#arrivalsLeft) return;
    this.#startDue();
    this.#arrivalsLeft = false;
    clearTimeout(this.#timer);
    this.#finishIfIdle();
  }

  /** Ends everything now: attempts as cancelled, connections without waiting for the server. */
  cancel(): void {
    this.stop();
    this.#driver?.cancelAttempts();
    this.#driver?.closeConnections(true);
    this.#finishIfIdle();
  }

  ready(attempt: Attempt): void {
    this.#inFlight--;
    this.#open++;
    if (this.#options.expectsQuery) this.#awaitingQuery++;
    this.#options.events.write(EVENT.ok, attempt, attempt.readyUs);
    this.#finishIfIdle();
  }

  failed(attempt: Attempt, failure: Failure, atUs: number): void {
    this.#inFlight--;
    const id = this.#options.failures.idOf(failure);
    this.#options.events.write(EVENT.failed, attempt, atUs, ABSENT, id);
    this.#finishIfIdle();
  }

  cancelled(attempt: Attempt, atUs: number): void {
    this.#inFlight--;
    this.#options.events.write(EVENT.cancelled, attempt, atUs);
    this.#finishIfIdle();
  }

  abandoned(attempt: Attempt, atUs: number): void {
    this.#inFlight--;
    this.#options.events.write(EVENT.abandoned, attempt, atUs);
    this.#finishIfIdle();
  }

  firstQuery(attempt: Attempt): void {
    this.#awaitingQuery--;
    this.#options.events.write(EVENT.firstQuery, attempt, attempt.queriedUs);
    this.#finishIfIdle();
  }

  connectionEnded(
    attempt: Attempt,
    outcome: (typeof CONNECTION_OUTCOMES)[number],
    failure: Failure | undefined,
    atUs: number,
  ): void {
    const { events, failures, expectsQuery } = this.#options;
    this.#open--;
    if (expectsQuery && attempt.queriedUs === ABSENT) this.#awaitingQuery--;
    const id = failure === undefined ? 0 : failures.idOf(failure);
    events.write(EVENT.connectionEnded, attempt, atUs, CONNECTION_OUTCOMES.indexOf(outcome), id);
    this.#finishIfIdle();
  }

  #turn(): void {
    this.#startDue();
    if (!this.#arrivalsLeft) {
      this.#finishIfIdle();
      return;
    }
    const waitUs = this.#options.arrivals.atUs - this.#options.now();
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.floor(waitUs / 1000)));
  }

  #startDue(): void {
    const { arrivals, now } = this.#options;
    while (this.#arrivalsLeft && arrivals.atUs <= now()) {
      this.#begin(arrivals.index, arrivals.atUs);
      this.#arrivalsLeft = arrivals.advance();
    }
  }

  #begin(index: number, scheduledUs: number): void {
    const { events, maxInFlight, now } = this.#options;
    const startUs = now();
    const attempt = new Attempt(this.#stepAt(scheduledUs), index, scheduledUs, startUs);
    if (this.#inFlight >= maxInFlight) {
      events.write(EVENT.dropped, attempt, startUs);
      return;
    }
    this.#inFlight++;
    events.write(EVENT.begun, attempt, startUs);
    this.#driver?.open(attempt);
  }

  /** Arrivals come in order, so their steps do too. */
  #stepAt(scheduledUs: number): number {
    const { steps } = this.#options;
    while (this.#step + 1 < steps.length && scheduledUs >= (steps[this.#step]?.toUs ?? 0)) {
      this.#step++;
    }
    return this.#step;
  }

  #finishIfIdle(): void {
    if (this.#arrivalsLeft || this.#inFlight > 0 || this.#awaitingQuery > 0) return;
    if (!this.#closing) {
      this.#closing = true;
      // Connections still held are held for nothing now.
      this.#driver?.closeConnections();
    }
    // Those that wait for the server's FIN come back here.
    if (this.#done || this.#open > 0) return;
    this.#done = true;
    this.#options.onDone();
  }
}
