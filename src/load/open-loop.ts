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
  /** Called once, when the last attempt and its first query have ended; held connections are open still. */
  onIdle: () => void;
  /** Called once, after a close or a cancel, when every connection has ended. */
  onDone: () => void;
}

/** Arrivals begun in one go: a backlog must not keep the answers of those before it, or a stop, waiting. */
const BATCH = 64;

/**
 * The open loop: starts each arrival at its moment, whatever became of those before, and writes down what happens.
 * Wakes by timer, and at whatever the sockets have to tell, so an arrival starts up to about 1 ms late, less where much
 * is under way; never early. The lateness is recorded, and latency counts from the scheduled moment.
 */
export class OpenLoop implements AttemptSink {
  readonly #options: OpenLoopOptions;
  #driver: Driver | undefined;
  #timer: NodeJS.Timeout | undefined;
  #nextBatch: NodeJS.Immediate | undefined;
  #arrivalsLeft: boolean;
  /** Arrivals from this moment on are not due any more. */
  #untilUs = Number.POSITIVE_INFINITY;
  #maxInFlight: number;
  #step = 0;
  #inFlight = 0;
  #awaitingQuery = 0;
  /** Connections that are ready and have not ended. */
  #open = 0;
  #idle = false;
  #closing = false;
  #done = false;

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#maxInFlight = options.maxInFlight;
    this.#arrivalsLeft = options.arrivals.advance();
  }

  /** Begins pacing; the clock's zero may lie ahead. The driver's sink is this loop. */
  start(driver: Driver): void {
    this.#driver = driver;
    this.#turn();
  }

  /** Starts what was due before `untilUs`, and no more. */
  stop(untilUs: number): void {
    this.#untilUs = Math.min(this.#untilUs, untilUs);
    this.#turn();
  }

  /** Ends everything now: attempts as cancelled, connections without waiting for the server, what was due and not begun dropped. */
  cancel(): void {
    this.#maxInFlight = 0;
    this.stop(this.#options.now());
    this.#driver?.cancelAttempts();
    this.#closing = true;
    this.#driver?.closeConnections(true);
    this.#noteProgress();
  }

  /** Closes what is held; `onDone` follows when the last has ended. */
  close(): void {
    this.#closing = true;
    this.#driver?.closeConnections();
    this.#noteProgress();
  }

  ready(attempt: Attempt): void {
    this.#inFlight--;
    this.#open++;
    if (this.#options.expectsQuery) this.#awaitingQuery++;
    this.#options.events.write(EVENT.ok, attempt, attempt.readyUs);
    this.#noteProgress();
  }

  failed(attempt: Attempt, failure: Failure, atUs: number): void {
    this.#inFlight--;
    const id = this.#options.failures.idOf(failure);
    this.#options.events.write(EVENT.failed, attempt, atUs, ABSENT, id);
    this.#noteProgress();
  }

  cancelled(attempt: Attempt, atUs: number): void {
    this.#inFlight--;
    this.#options.events.write(EVENT.cancelled, attempt, atUs);
    this.#noteProgress();
  }

  abandoned(attempt: Attempt, atUs: number): void {
    this.#inFlight--;
    this.#options.events.write(EVENT.abandoned, attempt, atUs);
    this.#noteProgress();
  }

  firstQuery(attempt: Attempt): void {
    this.#awaitingQuery--;
    this.#options.events.write(EVENT.firstQuery, attempt, attempt.queriedUs);
    this.#noteProgress();
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
    this.#open--;
    if (expectsQuery && attempt.queriedUs === ABSENT) this.#awaitingQuery--;
    const id = failure === undefined ? 0 : failures.idOf(failure);
    events.write(EVENT.connectionEnded, attempt, atUs, CONNECTION_OUTCOMES.indexOf(outcome), id);
    this.#noteProgress();
  }

  turned(): void {
    // A backlog goes on by itself, after the other sockets.
    if (!this.#arrivalsLeft || this.#nextBatch !== undefined) return;
    if (this.#options.arrivals.atUs <= this.#options.now()) this.#turn();
  }

  #turn(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#nextBatch);
    this.#nextBatch = undefined;
    const isBehind = this.#startDue();
    if (isBehind) this.#nextBatch = setImmediate(() => this.#turn());
    else if (this.#arrivalsLeft) this.#wait();
    else this.#noteProgress();
  }

  #wait(): void {
    const waitUs = this.#options.arrivals.atUs - this.#options.now();
    // Rounded up: a timer that fires too early costs a second wake-up and another millisecond.
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.ceil(waitUs / 1000)));
  }

  /** True where more is due than was begun. */
  #startDue(): boolean {
    const { arrivals, now } = this.#options;
    for (let begun = 0; this.#arrivalsLeft && arrivals.atUs <= now(); begun++) {
      if (begun === BATCH) return true;
      if (arrivals.atUs >= this.#untilUs) break;
      this.#begin(arrivals.index, arrivals.atUs);
      this.#arrivalsLeft = arrivals.advance();
    }
    if (arrivals.atUs >= this.#untilUs) this.#arrivalsLeft = false;
    return false;
  }

  #begin(index: number, scheduledUs: number): void {
    const { events, now } = this.#options;
    const startUs = now();
    const attempt = new Attempt(this.#stepAt(scheduledUs), index, scheduledUs, startUs);
    if (this.#inFlight >= this.#maxInFlight) {
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

  #noteProgress(): void {
    if (this.#arrivalsLeft || this.#inFlight > 0 || this.#awaitingQuery > 0) return;
    if (!this.#idle) {
      this.#idle = true;
      this.#options.onIdle();
    }
    // Those that wait for the server's FIN come back here.
    if (this.#done || !this.#closing || this.#open > 0) return;
    this.#done = true;
    this.#options.onDone();
  }
}
