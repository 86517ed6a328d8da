import type { Clock } from '../../clock.ts';

/** The time in which the kill switch raises no alarm, because an event of the scenario cuts off others. */
export class Allowance {
  readonly #now: Clock;
  #untilUs = Number.NEGATIVE_INFINITY;
  #isUsed = false;

  constructor(now: Clock) {
    this.#now = now;
  }

  /** Allows everything until this moment, or until a later one that is allowed already. */
  allow(untilUs: number): void {
    this.#untilUs = Math.max(this.#untilUs, untilUs);
    this.#isUsed = true;
  }

  get isOpen(): boolean {
    return this.#now() < this.#untilUs;
  }

  /** Returns true once after each end. What was held back must then be judged. */
  takeEnd(): boolean {
    if (!this.#isUsed || this.isOpen) return false;
    this.#isUsed = false;
    return true;
  }
}
