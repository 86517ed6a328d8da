import type { Timekeeper } from './ports.ts';

/** Time after a cancel. A worker that has not ended by then never will. */
const CANCEL_TIMEOUT_MS = 10_000;

/** Limits on how long threads are waited for: first until they are cancelled, then until they are terminated. */
export class Patience {
  readonly #time: Pick<Timekeeper, 'after'>;
  #keep = (): void => {};
  #forgoLastResort = (): void => {};

  constructor(time: Pick<Timekeeper, 'after'>) {
    this.#time = time;
  }

  /** Calls `cancel` after `us` microseconds, unless another time is set or `stop` is called before. */
  loseIn(us: number, cancel: () => void): void {
    this.#keep();
    this.#keep = this.#time.after(us / 1000, cancel);
  }

  /**
   * Calls `terminate` if the threads have not ended some time after they were cancelled. A further call starts the time
   * again.
   */
  expectEnd(terminate: () => void): void {
    this.#forgoLastResort();
    this.#forgoLastResort = this.#time.after(CANCEL_TIMEOUT_MS, terminate);
  }

  /** Ends the waiting. It may be called twice. */
  stop(): void {
    this.#keep();
    this.#forgoLastResort();
  }
}
