import type { Timekeeper } from './ports.ts';

/** After a cancel: a worker that has not ended by then never will. */
const CANCEL_TIMEOUT_MS = 10_000;

/** How long threads are waited for, before they are told to end and before they are ended. */
export class Patience {
  readonly #time: Pick<Timekeeper, 'after'>;
  #keep = (): void => {};
  #forgoLastResort = (): void => {};

  constructor(time: Pick<Timekeeper, 'after'>) {
    this.#time = time;
  }

  /** `cancel` is called in so long, unless another time is set or it is stopped before. */
  loseIn(us: number, cancel: () => void): void {
    this.#keep();
    this.#keep = this.#time.after(us / 1000, cancel);
  }

  /** They were told to end at once: `terminate` is called where they do not. Counts anew when it is called again. */
  expectEnd(terminate: () => void): void {
    this.#forgoLastResort();
    this.#forgoLastResort = this.#time.after(CANCEL_TIMEOUT_MS, terminate);
  }

  /** May be called twice. */
  stop(): void {
    this.#keep();
    this.#forgoLastResort();
  }
}
