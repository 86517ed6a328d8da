import type { BlockPlan, Step } from '../../scenario/plan/plan.ts';

/** One worker's share of a block: its plan, with this worker's share of the caps. */
export interface BlockShare {
  plan: BlockPlan;
  /** The block's steps, in the order of time. */
  steps: readonly Step[];
  /** Caps. `maxInFlight` counts attempts that are not ready and sessions that wait; `maxOpen` adds open connections. */
  maxInFlight: number;
  maxOpen: number;
}

/** The run's own cap, which all blocks of a worker share. */
export interface Budget {
  inFlight: number;
  maxInFlight: number;
}

/** One block of load in one worker: what it has under way, whether there is room for more, and whether it has ended. */
export class Block {
  readonly plan: BlockPlan;
  readonly #budget: Budget;
  readonly #maxInFlight: number;
  readonly #maxOpen: number;
  readonly #steps: readonly Step[];
  #step = 0;
  #inFlight = 0;
  /** Connections that are ready and have not ended. */
  #open = 0;
  /** Sessions that wait for their next attempt. */
  waiting = 0;
  /** The moment from which nothing begins: the plan's end, or an earlier stop. */
  endUs: number;
  /** Whether that moment has come. */
  ended = false;
  /** Arrivals that were due and have not begun are dropped. */
  isShut = false;

  constructor({ plan, steps, maxInFlight, maxOpen }: BlockShare, budget: Budget) {
    this.plan = plan;
    this.endUs = plan.endUs;
    this.#steps = steps;
    this.#maxInFlight = maxInFlight;
    this.#maxOpen = maxOpen;
    this.#budget = budget;
  }

  /** Returns the block's own seed. Blocks have different seeds, so that equal ones do not run in step. */
  get seed(): number {
    const { pace } = this.plan;
    return pace.loop === 'open' ? pace.schedule.seed : pace.clients.seed;
  }

  /** Returns whether one more attempt may begin. */
  get hasRoom(): boolean {
    const inFlight = this.#inFlight + this.waiting;
    return (
      !this.isShut &&
      inFlight < this.#maxInFlight &&
      inFlight + this.#open < this.#maxOpen &&
      this.#budget.inFlight < this.#budget.maxInFlight
    );
  }

  noteStarted(): void {
    this.#inFlight++;
    this.#budget.inFlight++;
  }

  noteReady(): void {
    this.noteMissed();
    this.#open++;
  }

  noteMissed(): void {
    this.#inFlight--;
    this.#budget.inFlight--;
  }

  noteConnectionEnded(): void {
    this.#open--;
  }

  noteWaiting(by: 1 | -1): void {
    this.waiting += by;
    this.#budget.inFlight += by;
  }

  /** Returns the index of the step at a moment. Moments must not fall from call to call. */
  stepAt(us: number): number {
    const steps = this.#steps;
    while (this.#step + 1 < steps.length && us >= (steps[this.#step]?.toUs ?? 0)) this.#step++;
    return steps[this.#step]?.index ?? 0;
  }
}
