import type { BlockPlan, Step } from '../../scenario/plan/plan.ts';

/** A block as one worker has it: its plan, with this worker's share of the caps. */
export interface BlockShare {
  plan: BlockPlan;
  /** The block's steps, in the order of time. */
  steps: readonly Step[];
  /** Attempts not yet ready and sessions that wait; connections in flight or ready. */
  maxInFlight: number;
  maxOpen: number;
}

/** What all blocks of a worker share: the run's own cap. */
export interface Budget {
  inFlight: number;
  maxInFlight: number;
}

/** One block of load in one worker: what it has under way, whether there is room for more, and whether its time is over. */
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
  /** When nothing begins any more: the plan's end, or a stop before it. */
  endUs: number;
  /** That moment has come. */
  ended = false;
  /** What was due and has not begun begins no more. */
  isShut = false;

  constructor({ plan, steps, maxInFlight, maxOpen }: BlockShare, budget: Budget) {
    this.plan = plan;
    this.endUs = plan.endUs;
    this.#steps = steps;
    this.#maxInFlight = maxInFlight;
    this.#maxOpen = maxOpen;
    this.#budget = budget;
  }

  /** Its own: blocks that are alike must not come in step. */
  get seed(): number {
    const { pace } = this.plan;
    return pace.loop === 'open' ? pace.schedule.seed : pace.clients.seed;
  }

  /** Whether one more may begin. */
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

  /** The step that a moment belongs to; asked in the order of time. */
  stepAt(us: number): number {
    const steps = this.#steps;
    while (this.#step + 1 < steps.length && us >= (steps[this.#step]?.toUs ?? 0)) this.#step++;
    return steps[this.#step]?.index ?? 0;
  }
}
