import type { Clock } from '../../clock.ts';
import type { Attempt, AttemptSink, Driver } from '../../drivers/driver.ts';
import type { RetryPlan, Step } from '../../scenario/plan/plan.ts';
import { Client } from '../clients/client.ts';
import { ClientLoop } from '../clients/client-loop.ts';
import type { HostTurnsPlan } from '../clients/host-turns.ts';
import { Session, Sessions } from '../clients/sessions.ts';
import { type AttemptFollower, Attempts, type AwaitedAnswer } from '../record/attempts.ts';
import type { EventWriter } from '../record/event-ring.ts';
import type { FailureWriter } from '../record/failure-table.ts';
import { ArrivalSource } from '../schedule/arrival-source.ts';
import { createArrivals, type Stripe } from '../schedule/arrivals.ts';
import { Block, type BlockShare, type Budget } from '../schedule/block.ts';
import { BlockEnd } from '../schedule/block-end.ts';
import { Pacer, type Source } from '../schedule/pacer.ts';
import { type CreateTimers, createNodeTimers } from '../schedule/timers.ts';

export interface LoadLoopOptions {
  blocks: readonly BlockShare[];
  steps: readonly Step[];
  stripe: Stripe;
  /**
   * Cap on attempts that are not ready and sessions that wait, over all blocks. Above it an arrival is dropped and a
   * client waits.
   */
  maxInFlight: number;
  /** undefined: there are no sessions, and each arrival is a single attempt. */
  retry: RetryPlan | undefined;
  /** How each connect takes its hosts in turn; absent: each connect is one attempt. */
  hostTurns?: HostTurnsPlan | undefined;
  /** Whether blocks may be appended; absent: no. */
  isOpenEnded?: boolean;
  events: EventWriter;
  failures: FailureWriter;
  /** Absent: notices are not recorded. */
  notices?: FailureWriter;
  now: Clock;
  createTimers?: CreateTimers;
  /** The answer that the loop waits for on each connection; undefined: connections send no query. */
  awaits: AwaitedAnswer | undefined;
  /**
   * Called once, when the last attempt and its awaited answer have ended; held connections are still open. If blocks are
   * appended, it is called at the start and after each block, when the block's connections have ended too.
   */
  onIdle: () => void;
  /** Called once, after a close or a cancel, when every connection has ended. */
  onDone: () => void;
}

/**
 * A worker's load. The pacer decides when attempts begin, `Attempts` starts and records them, and this class decides
 * when it is over: blocks end, attempts and sessions under way end or are cancelled, and the loop is idle. After
 * `close` it is done when the last connection has ended.
 */
export class LoadLoop implements AttemptFollower {
  readonly #options: LoadLoopOptions;
  readonly #blocks: Block[];
  /** The block of each step. */
  readonly #byStep: Block[];
  readonly #budget: Budget;
  readonly #attempts: Attempts;
  readonly #sessions: Sessions | undefined;
  #paces: readonly (ArrivalSource | ClientLoop)[];
  readonly #pacer: Pacer;
  #started = false;
  #idle = false;
  /** Whether nothing will be appended any longer, so that idle does not wait for connections to end. */
  #stopped = false;
  #closing = false;
  #done = false;

  constructor(options: LoadLoopOptions) {
    const { blocks, steps, events, failures, notices, now } = options;
    const { awaits, maxInFlight, retry } = options;
    this.#options = options;
    this.#budget = { inFlight: 0, maxInFlight };
    const all = blocks.map((share) => new Block(share, this.#budget));
    this.#blocks = all;
    this.#byStep = steps.flatMap(({ block }) => all[block] ?? []);
    this.#attempts = new Attempts({
      blocks: this.#byStep,
      events,
      failures,
      notices,
      now,
      awaits,
      hostTurns: options.hostTurns,
      follower: this,
    });
    this.#sessions =
      retry === undefined
        ? undefined
        : new Sessions({ retry, attempts: this.#attempts, events, now });
    this.#paces = all.map((block) => this.#createPace(block));
    this.#pacer = new Pacer(this.#listSources(all), now, {
      createTimers: options.createTimers ?? createNodeTimers,
      onTurn: () => this.#noteProgress(),
    });
  }

  /** Returns the sink for the driver's events. */
  get sink(): AttemptSink {
    return this.#attempts;
  }

  /** Begins pacing. The clock's zero may lie ahead. The driver must have been created with `sink`. */
  start(driver: Driver): void {
    this.#attempts.driver = driver;
    this.#started = true;
    this.#turn();
  }

  /** Adds a block of one step. Earlier blocks must be over, with nothing under way. */
  append(share: BlockShare, step: Step): void {
    if (step.index !== this.#byStep.length) {
      throw new RangeError(`step ${step.index} is not the next: ${this.#byStep.length} is`);
    }
    const block = new Block(share, this.#budget);
    this.#blocks.push(block);
    this.#byStep.push(block);
    this.#paces = [this.#createPace(block)];
    this.#idle = false;
    this.#pacer.setSources(this.#listSources([block]));
    this.#turn();
  }

  /** Begins what was due before `untilUs`, and nothing later. Sessions do not retry. */
  stop(untilUs: number): void {
    this.#stopped = true;
    for (const block of this.#blocks) block.endUs = Math.min(block.endUs, untilUs);
    for (const pace of this.#paces) pace.noteEnd();
    this.#sessions?.stop();
    this.#turn();
  }

  /** Ends the current blocks and what they have under way. Blocks may be appended afterwards. */
  endBlock(): void {
    const nowUs = this.#options.now();
    for (const block of this.#blocks) {
      block.isShut = true;
      block.endUs = Math.min(block.endUs, nowUs);
    }
    for (const pace of this.#paces) pace.noteEnd();
    this.#turn();
    this.#attempts.driver?.cancelAttempts();
    this.#attempts.driver?.closeConnections();
    this.progressed();
  }

  /**
   * Ends everything now: cancels attempts, closes connections without waiting for the server, and drops arrivals that
   * were due.
   */
  cancel(): void {
    this.#budget.maxInFlight = 0;
    this.stop(this.#options.now());
    this.#attempts.driver?.cancelAttempts();
    this.#closing = true;
    this.#attempts.driver?.closeConnections(true);
    this.progressed();
  }

  /** Closes held connections. `onDone` follows when the last has ended. */
  close(): void {
    this.#closing = true;
    this.#attempts.driver?.closeConnections();
    this.progressed();
  }

  connecting(attempt: Attempt): void {
    if (attempt.owner instanceof Session) this.#sessions?.connecting(attempt.owner, attempt);
  }

  passedOn({ owner }: Attempt): void {
    if (owner instanceof Session) this.#sessions?.passedOn(owner);
  }

  missed({ owner, startUs }: Attempt, atUs: number, wasCancelled: boolean): void {
    if (owner instanceof Session) {
      const isOver = this.#sessions?.missed(owner, atUs, wasCancelled);
      if (isOver === true) endCycle(owner.client, atUs, startUs);
    } else if (owner instanceof Client) endCycle(owner, atUs, startUs);
  }

  parted({ owner }: Attempt, atUs: number, wasCut: boolean): void {
    if (owner instanceof Session) {
      const isOver = wasCut ? this.#sessions?.cut(owner, atUs) : true;
      if (isOver === true) endCycle(owner.client, atUs);
    } else if (owner instanceof Client) endCycle(owner, atUs);
  }

  progressed(): void {
    this.#noteProgress();
    if (!this.#done) this.#pacer.noteChange();
  }

  turned(): void {
    this.#pacer.catchUp();
  }

  #createPace(block: Block): ArrivalSource | ClientLoop {
    const { stripe, now } = this.#options;
    const shared = { attempts: this.#attempts, sessions: this.#sessions, now };
    const { pace } = block.plan;
    if (pace.loop === 'closed') return new ClientLoop(block, pace.clients, stripe, shared);
    return new ArrivalSource(block, createArrivals(pace.schedule, stripe), shared);
  }

  #listSources(blocks: readonly Block[]): Source[] {
    const ends = blocks.map((block) => new BlockEnd(block, this.#endActs()));
    const retries = this.#sessions === undefined ? [] : [this.#sessions];
    return [...this.#paces, ...retries, ...ends];
  }

  #endActs() {
    return {
      ended: (): void => {
        for (const pace of this.#paces) pace.noteEnd();
        this.#noteProgress();
      },
      expired: (block: Block): void => {
        this.#sessions?.cancel((session) => session.block === block);
        this.#attempts.driver?.cancelAttempts(({ step }) => this.#byStep[step] === block);
        this.#noteProgress();
      },
    };
  }

  #turn(): void {
    if (this.#started) this.#pacer.turn();
    this.#noteProgress();
  }

  #noteProgress(): void {
    if (!this.#started || !this.#isSpent()) return;
    if (!this.#idle) {
      this.#idle = true;
      this.#options.onIdle();
    }
    // Connections that wait for the server's FIN call this again when they end.
    if (this.#done || !this.#closing || this.#attempts.open > 0) return;
    this.#done = true;
    this.#pacer.stop();
    this.#options.onDone();
  }

  /** Returns whether nothing is left to begin and nothing is under way. Held connections may still be open. */
  #isSpent(): boolean {
    const { inFlight, awaitingAnswer, open } = this.#attempts;
    if (this.#options.isOpenEnded === true && !this.#stopped && open > 0) return false;
    if (inFlight > 0 || awaitingAnswer > 0 || (this.#sessions?.waiting ?? 0) > 0) return false;
    return this.#paces.every(({ isOver }) => isOver);
  }
}

function endCycle(client: Client | undefined, atUs: number, failedSinceUs?: number): void {
  client?.loop.endCycle(client, atUs, failedSinceUs);
}
