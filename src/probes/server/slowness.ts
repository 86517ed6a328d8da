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

/** How often in a row something took longer than its limit: of what has ended, and of what still waits. */
export class Slowness {
  readonly limitUs: number;
  #inARow = 0;
  #waitsUs: number[] = [];

  constructor(limitUs: number) {
    this.limitUs = limitUs;
  }

  /** It took that long. In time: the row is over. */
  noteEnd(tookUs: number): void {
    if (tookUs <= this.limitUs) {
      this.#inARow = 0;
      this.#waitsUs = [];
      return;
    }
    // Whoever waits for several limits cannot ask in between: that is as many.
    this.#inARow += this.#countLimits(tookUs);
    // Once it counts as dead, nobody asks for more.
    if (this.#waitsUs.length < DEAD_AFTER) this.#waitsUs.push(tookUs);
  }

  /** Whether it counts as dead. `waitingUs`: how long the one that goes on has waited; undefined: none does. */
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
