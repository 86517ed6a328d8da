/** So many times too slow in a row count as dead. */
export const DEAD_AFTER = 3;

/** How often in a row something took longer than its limit: of what has ended, and of what still waits. */
export class Slowness {
  readonly limitUs: number;
  #inARow = 0;
  #slowestUs = 0;

  constructor(limitUs: number) {
    this.limitUs = limitUs;
  }

  /** It took that long. In time: the row is over. */
  noteEnd(tookUs: number): void {
    if (tookUs <= this.limitUs) {
      this.#inARow = 0;
      this.#slowestUs = 0;
      return;
    }
    // Whoever waits for several limits cannot ask in between: that is as many.
    this.#inARow += this.#countLimits(tookUs);
    this.#slowestUs = Math.max(this.#slowestUs, tookUs);
  }

  /** Whether it counts as dead. `waitingUs`: how long the one that goes on has waited; undefined: none does. */
  isDead(waitingUs: number | undefined): boolean {
    return this.#inARow + this.#countLimits(waitingUs ?? 0) >= DEAD_AFTER;
  }

  /** The longest of the row, in microseconds. */
  slowestUs(waitingUs = 0): number {
    return Math.max(this.#slowestUs, waitingUs);
  }

  #countLimits(us: number): number {
    return us <= this.limitUs ? 0 : Math.max(1, Math.floor(us / this.limitUs));
  }
}
