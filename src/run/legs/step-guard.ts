import type { Coordinator } from '../../load/threads/coordinator.ts';
import type { Timekeeper } from '../../load/threads/ports.ts';

/** How long a target may take to be in time again, before the search gives it up. */
const COMES_BACK_MS = 10_000;

export interface StepGuardOptions {
  coordinator: Pick<Coordinator, 'endBlock' | 'resume'>;
  /** Writes a decision down. */
  decide: (decision: 'endStep' | 'notBack', reason: string) => void;
  /** It was too slow before anything was asked of it: the run ends. */
  kill: (reason: string) => void;
  /** Nothing is under way: on with the next step. */
  goOn: () => void;
  time: Pick<Timekeeper, 'after'>;
  comesBackMs?: number;
}

/** What the kill switch does to a search: a target that is too slow to others ends the step, and rests before the next one. */
export class StepGuard {
  readonly #options: StepGuardOptions;
  #hasBegun = false;
  #slow: string | undefined;
  /** Ends the wait for it; undefined: nobody waits. */
  #endWait: (() => void) | undefined;

  constructor(options: StepGuardOptions) {
    this.#options = options;
  }

  /** The kill switch found it too slow. */
  slowed(reason: string): void {
    if (!this.#hasBegun) {
      this.#options.kill(reason);
      return;
    }
    this.#slow = reason;
    if (this.#options.coordinator.endBlock()) this.#options.decide('endStep', reason);
  }

  /** It is in time again. */
  cameBack(): void {
    this.#slow = undefined;
    if (this.#endWait === undefined) return;
    this.stop();
    this.#options.coordinator.resume();
  }

  /** Nothing of the step is under way any more: the next one begins, once the target is in time again. */
  drained(): void {
    if (this.#slow === undefined) {
      this.#hasBegun = true;
      this.#options.goOn();
      return;
    }
    const { comesBackMs = COMES_BACK_MS, time } = this.#options;
    this.#endWait ??= time.after(comesBackMs, () => this.#giveUp());
  }

  /** May be called twice. */
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
