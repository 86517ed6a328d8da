/** What was too slow so often in a row counts as dead; a single wait that is so many times its limit, too. */
export const DEAD_AFTER = 3;

/** Waits in a row, each longer than the limit. */
export interface SlowRow {
  count: number;
  longestUs: number;
  totalUs: number;
  /** The last of them goes on. */
  isWaiting: boolean;
}

/** Counts how often in a row a question or connect took longer than its limit. One that still waits counts too. */
export class Slowness {
  readonly limitUs: number;
  #inARow = 0;
  #waitsUs: number[] = [];

  constructor(limitUs: number) {
    this.limitUs = limitUs;
  }

  /** Takes the time of a question or connect, in microseconds. One that was in time ends the row. */
  noteEnd(tookUs: number): void {
    if (tookUs <= this.limitUs) {
      this.#inARow = 0;
      this.#waitsUs = [];
      return;
    }
    // While a question waits for several limits, no other can be asked. Such a wait counts once for each limit.
    this.#inARow += this.#countLimits(tookUs);
    // Once it counts as dead, nobody asks for more.
    if (this.#waitsUs.length < DEAD_AFTER) this.#waitsUs.push(tookUs);
  }

  /**
   * Returns whether it counts as dead. `waitingUs`: how long the one under way has waited; undefined: none is under
   * way.
   */
  isDead(waitingUs: number | undefined): boolean {
    return this.#inARow + this.#countLimits(waitingUs ?? 0) >= DEAD_AFTER;
  }

  /** As it was seen: one wait is one, however many limits long. */
  row(waitingUs = 0): SlowRow {
    const isWaiting = waitingUs > this.limitUs;
    const waitsUs = isWaiting ? [...this.#waitsUs, waitingUs] : this.#waitsUs;
    return {
      count: waitsUs.length,
      longestUs: Math.max(0, ...waitsUs),
      totalUs: waitsUs.reduce((sum, us) => sum + us, 0),
      isWaiting,
    };
  }

  #countLimits(us: number): number {
    return us <= this.limitUs ? 0 : Math.max(1, Math.floor(us / this.limitUs));
  }
}
