import type { Coordinator } from '../../load/threads/coordinator.ts';
import type { Timekeeper } from '../../load/threads/ports.ts';

/** How long the search waits for a slow target to recover before it gives up. */
const COMES_BACK_MS = 10_000;

export interface StepGuardOptions {
  coordinator: Pick<Coordinator, 'endBlock' | 'resume'>;
  /** Emits a decision. */
  decide: (decision: 'endStep' | 'notBack', reason: string) => void;
  /** Ends the run. Called if the target was too slow before the first step. */
  kill: (reason: string) => void;
  /** Begins the next step. Called when nothing is in flight. */
  goOn: () => void;
  time: Pick<Timekeeper, 'after'>;
  comesBackMs?: number;
}

/**
 * The part of the kill switch in a search. A target that is too slow for others ends the step, and rests before the
 * next one begins.
 */
export class StepGuard {
  readonly #options: StepGuardOptions;
  #hasBegun = false;
  #slow: string | undefined;
  /** Ends the wait for the target; undefined if there is no wait. */
  #endWait: (() => void) | undefined;

  constructor(options: StepGuardOptions) {
    this.#options = options;
  }

  /** Called when the kill switch finds the target too slow. */
  slowed(reason: string): void {
    if (!this.#hasBegun) {
      this.#options.kill(reason);
      return;
    }
    this.#slow = reason;
    if (this.#options.coordinator.endBlock()) this.#options.decide('endStep', reason);
  }

  /** Called when the target is fast enough again. */
  cameBack(): void {
    this.#slow = undefined;
    if (this.#endWait === undefined) return;
    this.stop();
    this.#options.coordinator.resume();
  }

  /**
   * Called when nothing of the step is in flight any more. Begins the next step, or waits until the target is fast
   * enough again.
   */
  drained(): void {
    if (this.#slow === undefined) {
      this.#hasBegun = true;
      this.#options.goOn();
      return;
    }
    const { comesBackMs = COMES_BACK_MS, time } = this.#options;
    this.#endWait ??= time.after(comesBackMs, () => this.#giveUp());
  }

  /** Ends the wait. It may be called twice. */
  stop(): void {
    this.#endWait?.();
    this.#endWait = undefined;
  }

  #giveUp(): void {
    const ms = this.#options.comesBackMs ?? COMES_BACK_MS;
    this.#options.decide(
      'notBack',
      `${this.#slow}; ${ms / 1000} s later the target still answered no faster`,
    );
    this.#slow = undefined;
    this.stop();
    this.#options.coordinator.resume();
  }
}
