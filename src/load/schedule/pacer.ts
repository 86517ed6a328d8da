import type { Clock } from '../../clock.ts';
import type { CreateTimers, Timers } from './timers.ts';

/** Something that has to be done at moments of its own: arrivals, the turns of clients, retries, the ends of blocks. */
export interface Source {
  /** The moment of the next thing to do, microseconds since T0; Infinity: there is none now. */
  readonly nextUs: number;
  /** Does that one thing. Called when its moment has come, or later; `nextUs` is another one afterwards. */
  act(): void;
}

/** Things done in one go: a backlog must not keep the answers of those before it, or a stop, waiting. */
const BATCH = 64;

/**
 * Runs each source's next action at its due time, in the order of time, never early. A timer or socket activity wakes it. The backlog
 * of a source that has fallen behind is worked off in batches.
 */
export class Pacer {
  #sources: readonly Source[];
  readonly #now: Clock;
  readonly #timers: Timers;
  /** Where the timer stands; Infinity: none is set. */
  #wakeUs = Number.POSITIVE_INFINITY;
  #working = false;
  /** More was due than one turn does, and the next is on its way. */
  #isBehind = false;
  #stopped = false;

  /** `onTurn`: called when it woke and has done what was due. */
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

  /** Does what is due; sets the timer for what comes next. */
  turn(): void {
    if (this.#stopped || this.#working) return;
    this.#working = true;
    this.#isBehind = this.#work();
    this.#working = false;
    if (this.#stopped) return;
    if (this.#isBehind) this.#timers.wakeSoon();
    else this.#setTimer();
  }

  /** Does what became due meanwhile without waiting for the timer; a backlog goes on by itself, after the other sockets. */
  catchUp(): void {
    if (this.#wakeUs <= this.#now() && !this.#isBehind) this.turn();
  }

  /** Others take the place of those there were. */
  setSources(sources: readonly Source[]): void {
    this.#sources = sources;
    this.noteChange();
  }

  /** A source has got something to do that may be earlier than what was known; done when its moment has come. */
  noteChange(): void {
    if (!this.#working && !this.#stopped) this.#setTimer();
  }

  stop(): void {
    this.#stopped = true;
    this.#timers.clear();
  }

  /** True where more is due than was done. */
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
