import type { Clock } from '../../clock.ts';
import type { CreateTimers, Timers } from './timers.ts';

/** A source of actions at given moments: arrivals, the cycles of clients, retries, the ends of blocks. */
export interface Source {
  /** The moment of the next action, in microseconds since T0; Infinity: there is none now. */
  readonly nextUs: number;
  /** Does that one action. Called at its moment or later; afterwards `nextUs` is that of the next action. */
  act(): void;
}

/** Actions done in one go. A backlog must not delay the answers to earlier attempts, or a stop. */
const BATCH = 64;

/**
 * Runs each source's next action at its due time, in time order, never early. A timer or socket activity wakes it. A
 * source that has fallen behind catches up in batches.
 */
export class Pacer {
  #sources: readonly Source[];
  readonly #now: Clock;
  readonly #timers: Timers;
  /** The moment for which the timer is set; Infinity: no timer is set. */
  #wakeUs = Number.POSITIVE_INFINITY;
  #working = false;
  /** More was due than one batch does, and the next batch is on its way. */
  #isBehind = false;
  #stopped = false;

  /** `onTurn`: called after the timer woke it and it did what was due. */
  constructor(
    sources: readonly Source[],
    now: Clock,
    { createTimers, onTurn }: { createTimers: CreateTimers; onTurn: () => void },
  ) {
    this.#sources = sources;
    this.#now = now;
    this.#timers = createTimers(() => {
      this.#wakeUs = Number.POSITIVE_INFINITY;
      this.turn();
      onTurn();
    });
  }

  /** Does what is due, and sets the timer for the next action. */
  turn(): void {
    if (this.#stopped || this.#working) return;
    this.#working = true;
    this.#isBehind = this.#work();
    this.#working = false;
    if (this.#stopped) return;
    if (this.#isBehind) this.#timers.wakeSoon();
    else this.#setTimer();
  }

  /**
   * Does what has become due, without waiting for the timer. A backlog goes on by itself, after the other sockets had
   * their turn.
   */
  catchUp(): void {
    if (this.#wakeUs <= this.#now() && !this.#isBehind) this.turn();
  }

  /** Replaces the sources. */
  setSources(sources: readonly Source[]): void {
    this.#sources = sources;
    this.noteChange();
  }

  /**
   * Sets the timer again, because a source's next action may be earlier than before. The action is done at its moment,
   * not here.
   */
  noteChange(): void {
    if (!this.#working && !this.#stopped) this.#setTimer();
  }

  stop(): void {
    this.#stopped = true;
    this.#timers.clear();
  }

  /** Returns whether more is due than was done. */
  #work(): boolean {
    for (let done = 0; done < BATCH; done++) {
      const source = this.#findNext();
      if (source === undefined || source.nextUs > this.#now() || this.#stopped) return false;
      source.act();
    }
    return true;
  }

  #findNext(): Source | undefined {
    let next: Source | undefined;
    let nextUs = Number.POSITIVE_INFINITY;
    for (const source of this.#sources) {
      const us = source.nextUs;
      if (us < nextUs) {
        next = source;
        nextUs = us;
      }
    }
    return next;
  }

  #setTimer(): void {
    const nextUs = this.#findNext()?.nextUs ?? Number.POSITIVE_INFINITY;
    if (nextUs >= this.#wakeUs || nextUs === Number.POSITIVE_INFINITY) return;
    this.#wakeUs = nextUs;
    const waitUs = nextUs - this.#now();
    if (waitUs > 0) this.#timers.wakeIn(waitUs);
    else this.#timers.wakeSoon();
  }
}
