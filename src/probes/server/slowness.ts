/** The canary or the witness counts as dead after it was too slow this many times in a row. */
export const DEAD_AFTER = 3;

/** Counts how often in a row a question or connect took longer than its limit. One that still waits counts too. */
export class Slowness {
  readonly limitUs: number;
  #inARow = 0;
  #slowestUs = 0;

  constructor(limitUs: number) {
    this.limitUs = limitUs;
  }

  /** Takes the time of a question or connect, in microseconds. One that was in time ends the row. */
  noteEnd(tookUs: number): void {
    if (tookUs <= this.limitUs) {
      this.#inARow = 0;
      this.#slowestUs = 0;
      return;
    }
    // While a question waits for several limits, no other can be asked. Such a wait counts once for each limit.
    this.#inARow += this.#countLimits(tookUs);
    this.#slowestUs = Math.max(this.#slowestUs, tookUs);
  }

  /**
   * Returns whether it counts as dead. `waitingUs`: how long the one under way has waited; undefined: none is under
   * way.
   */
  isDead(waitingUs: number | undefined): boolean {
    return this.#inARow + this.#countLimits(waitingUs ?? 0) >= DEAD_AFTER;
  }

  /** Returns the longest time of the row, in microseconds. */
  slowestUs(waitingUs = 0): number {
    return Math.max(this.#slowestUs, waitingUs);
  }

  #countLimits(us: number): number {
    return us <= this.limitUs ? 0 : Math.max(1, Math.floor(us / this.limitUs));
  }
}
