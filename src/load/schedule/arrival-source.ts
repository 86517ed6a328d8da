import type { Sessions } from '../clients/sessions.ts';
import type { Attempts } from '../record/attempts.ts';
import { EVENT } from '../record/event-ring.ts';
import type { Arrivals } from './arrivals.ts';
import type { Block } from './block.ts';
import type { Source } from './pacer.ts';

/**
 * The open loop: each arrival begins at its moment, whether or not earlier ones have ended. It is dropped if there is
 * no room.
 */
export class ArrivalSource implements Source {
  readonly #block: Block;
  readonly #arrivals: Arrivals;
  readonly #attempts: Attempts;
  readonly #sessions: Sessions | undefined;
  nextUs = Number.POSITIVE_INFINITY;

  /** `sessions`: undefined if each arrival is a single attempt. */
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

  /** Forgets the arrivals after the block's end, which is earlier than planned now: they are not due. */
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
