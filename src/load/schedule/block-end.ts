import type { Block } from './block.ts';
import type { Source } from './pacer.ts';

export interface BlockEndActs {
  /** Nothing begins any more; what is under way may end. */
  ended(block: Block): void;
  /** gracefulStop is over as well. */
  expired(block: Block): void;
}

/** Until when: the moment a block ends, and the one at which what it still has under way must have ended. */
export class BlockEnd implements Source {
  readonly block: Block;
  readonly #acts: BlockEndActs;
  #expired = false;

  constructor(block: Block, acts: BlockEndActs) {
    this.block = block;
    this.#acts = acts;
  }

  get nextUs(): number {
    if (this.#expired) return Number.POSITIVE_INFINITY;
    const { endUs, ended, plan } = this.block;
    return ended ? endUs + plan.gracefulStopUs : endUs;
  }

  act(): void {
    if (!this.block.ended) {
      this.block.ended = true;
      this.#acts.ended(this.block);
    } else {
      this.#expired = true;
      this.#acts.expired(this.block);
    }
  }
}
