/** After this many slow waits in a row the target counts as dead; also after one wait of this many times its limit. */
export const DEAD_AFTER = 3;

/** Waits in a row, each longer than the limit. */
export interface SlowRow {
  count: number;
  longestUs: number;
  totalUs: number;
  /** True: the last of these waits has not ended. */
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
    // Later waits change nothing, because it already counts as dead.
    if (this.#waitsUs.length < DEAD_AFTER) this.#waitsUs.push(tookUs);
  }

  /**
   * Returns whether it counts as dead. `waitingUs`: how long the one under way has waited; undefined: none is under
   * way.
   */
  isDead(waitingUs: number | undefined): boolean {
    return this.#inARow + this.#countLimits(waitingUs ?? 0) >= DEAD_AFTER;
  }

  /** Returns the waits in a row as they were seen: one wait counts once, however long it is. */
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

/** Longer than a search waits for a target that was too slow. */
const COMES_BACK_US = 15_000_000;

/**
 * Returns how long a canary or witness waits before it gives up, in microseconds. By then the kill switch has reported
 * slowness, and a search has stopped waiting for the target.
 */
export function patienceOf(limitUs: number): number {
  return DEAD_AFTER * limitUs + COMES_BACK_US;
}
