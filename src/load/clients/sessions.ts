import type { Clock } from '../../clock.ts';
import { ABSENT, type Attempt } from '../../drivers/driver.ts';
import { drawBackoffUs, type RetryPlan } from '../../scenario/plan/retry.ts';
import type { Attempts } from '../record/attempts.ts';
import { EVENT, type EventWriter, type SessionRow } from '../record/event-ring.ts';
import { Agenda } from '../schedule/agenda.ts';
import type { Block } from '../schedule/block.ts';
import type { Source } from '../schedule/pacer.ts';
import type { Client } from './client.ts';

/** A client's wish to be connected, over all its attempts. */
export class Session implements SessionRow {
  readonly block: Block;
  readonly step: number;
  readonly index: number;
  readonly wishUs: number;
  /** Number of sessions that this client had before this one: 0 at first, more after reconnects. */
  readonly life: number;
  readonly client: Client | undefined;
  /** Connects so far, which the policy bounds. Each may take several attempts, one at each host. */
  connects = 0;
  attempts = 0;
  failures = 0;

  constructor(
    block: Block,
    { step, index, wishUs, life }: Pick<Session, 'step' | 'index' | 'wishUs' | 'life'>,
    client: Client | undefined,
  ) {
    this.block = block;
    this.step = step;
    this.index = index;
    this.wishUs = wishUs;
    this.life = life;
    this.client = client;
  }

  get isReconnect(): boolean {
    return this.life > 0;
  }
}

export interface SessionsOptions {
  retry: RetryPlan;
  attempts: Attempts;
  events: EventWriter;
  now: Clock;
}

/**
 * Runs sessions: a first attempt at the moment of the wish, and a retry under the policy after each failure. If the
 * server cuts a session's connection, a new session reconnects. The cut counts as its first failure, so its first
 * attempt comes after the policy's wait. After a stop there are no retries.
 */
export class Sessions implements Source {
  readonly #options: SessionsOptions;
  readonly #waiting = new Agenda<Session>();
  #stopped = false;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get nextUs(): number {
    return this.#waiting.nextUs;
  }

  /** Returns how many sessions wait for their next attempt. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Begins a session with its first attempt. `scheduledUs`: ABSENT in a closed loop, where the wish begins now. */
  begin(
    block: Block,
    { step, index, scheduledUs }: { step: number; index: number; scheduledUs: number },
    client?: Client,
  ): void {
    const { attempts, events, now } = this.#options;
    const nowUs = now();
    const wishUs = scheduledUs === ABSENT ? nowUs : scheduledUs;
    const session = new Session(block, { step, index, wishUs, life: 0 }, client);
    // The reader sees this row together with the attempt's. Otherwise the ledgers would disagree if the thread ended in
    // between.
    events.writeSession(EVENT.sessionBegun, session, nowUs, { held: true });
    session.connects = 1;
    session.attempts = 1;
    attempts.start(EVENT.begun, step, index, scheduledUs, session, numberConnect(session));
  }

  act(): void {
    const atUs = this.#waiting.nextUs;
    const session = this.#waiting.take();
    if (session === undefined) return;
    session.block.noteWaiting(-1);
    session.connects++;
    session.attempts++;
    const { step, index } = session;
    const connect = numberConnect(session);
    this.#options.attempts.start(EVENT.retried, step, index, atUs, session, connect);
  }

  /** Counts the attempt at the next host that is about to start. */
  passedOn(session: Session): void {
    session.attempts++;
  }

  /** Records that the session is connected. The attempt's own row comes next, and the reader sees both together. */
  connecting(session: Session, { readyUs }: Attempt): void {
    this.#options.events.writeSession(EVENT.sessionConnected, session, readyUs, { held: true });
  }

  /**
   * Handles the end of an attempt without a connection. Returns true if the session is over, false if it will retry.
   */
  missed(session: Session, atUs: number, wasCancelled: boolean): boolean {
    const { retry, events } = this.#options;
    session.failures++;
    const isSpent = session.connects >= retry.maxAttempts;
    if (!wasCancelled && !isSpent && !this.#stopped) {
      this.#wait(session, atUs);
      return false;
    }
    const kind = isSpent && !wasCancelled ? EVENT.sessionGaveUp : EVENT.sessionCancelled;
    events.writeSession(kind, session, atUs);
    return true;
  }

  /** Handles the cut of a session's connection by the server. Returns true if the client does not reconnect. */
  cut(former: Session, atUs: number): boolean {
    const { retry, events } = this.#options;
    const { block, step, index, life, client } = former;
    if (retry.policy === 'none' || this.#stopped || block.ended) return true;
    const wish = { step, index, wishUs: atUs, life: life + 1 };
    const session = new Session(block, wish, client);
    session.failures = 1;
    events.writeSession(EVENT.sessionBegun, session, atUs);
    this.#wait(session, atUs);
    return false;
  }

  /** Cancels the sessions that wait. From now on there are no retries. */
  stop(): void {
    this.#stopped = true;
    this.cancel(() => true);
  }

  /** Cancels the waiting sessions that `isMeant` selects. Their attempts under way are cancelled by the driver. */
  cancel(isMeant: (session: Session) => boolean): void {
    const { events, now } = this.#options;
    const waiting = this.#waiting.takeEntries();
    for (const { atUs, item: session } of waiting) {
      if (!isMeant(session)) {
        this.#waiting.add(atUs, session);
        continue;
      }
      session.block.noteWaiting(-1);
      events.writeSession(EVENT.sessionCancelled, session, now());
    }
  }

  #wait(session: Session, atUs: number): void {
    const { policy, baseUs, capUs } = this.#options.retry;
    const plan = { policy, baseUs, capUs, seed: session.block.seed };
    const key = (session.index + Math.imul(session.life, 0x5851f42d)) >>> 0;
    session.block.noteWaiting(1);
    this.#waiting.add(atUs + drawBackoffUs(plan, key, session.failures), session);
  }
}

/** Returns a number that is different for each connect of a client. */
function numberConnect({ life, connects }: Session): number {
  return Math.imul(life, 0x1_0001) + connects - 1;
}
