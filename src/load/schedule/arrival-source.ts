import type { Sessions } from '../clients/sessions.ts';
import type { Attempts } from '../record/attempts.ts';
import { EVENT } from '../record/event-ring.ts';
import type { Arrivals } from './arrivals.ts';
import type { Block } from './block.ts';
import type { Source } from './pacer.ts';

/** The open loop: each arrival begins at its moment, whatever became of those before; without room it is dropped. */
export class ArrivalSource implements Source {
  readonly #block: Block;
  readonly #arrivals: Arrivals;
  readonly #attempts: Attempts;
  readonly #sessions: Sessions | undefined;
  nextUs = Number.POSITIVE_INFINITY;

  /** `sessions`: undefined where an arrival is one attempt. */
  constructor(
    block: Block,
    arrivals: Arrivals,
    { attempts, sessions }: { attempts: Attempts; sessions: Sessions | undefined },
  ) {
    this.#block = block;
    this.#arrivals = arrivals;
    this.#attempts = attempts;
    this.#sessions = sessions;
    this.#advance();
  }

  get isOver(): boolean {
    const isExhausted = this.nextUs === Number.POSITIVE_INFINITY;
    return isExhausted && (this.#block.ended || !this.#block.plan.lastsUntilEnd);
  }

  /** The block ends earlier than planned: what comes from then on is not due any more. */
  noteEnd(): void {
    if (this.nextUs >= this.#block.endUs) this.nextUs = Number.POSITIVE_INFINITY;
  }

  act(): void {
    const { index } = this.#arrivals;
    const scheduledUs = this.nextUs;
    const step = this.#block.stepAt(scheduledUs);
    if (!this.#block.hasRoom) this.#attempts.drop(step, index, scheduledUs);
    else if (this.#sessions === undefined) {
      this.#attempts.start(EVENT.begun, step, index, scheduledUs, undefined);
    } else this.#sessions.begin(this.#block, { step, index, scheduledUs });
    this.#advance();
  }

  #advance(): void {
    const isLeft = this.#arrivals.advance();
    const atUs = this.#block.plan.startUs + this.#arrivals.atUs;
    this.nextUs = isLeft && atUs < this.#block.endUs ? atUs : Number.POSITIVE_INFINITY;
  }
}
