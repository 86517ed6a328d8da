import type { Block } from './block.ts';
import type { Source } from './pacer.ts';

export interface BlockEndActs {
  /** Called at the block's end: nothing begins any longer, and what is under way may end. */
  ended(block: Block): void;
  /** Called at the end of gracefulStop. */
  expired(block: Block): void;
}

/**
 * The end of a block: first its planned end, then the end of gracefulStop, when nothing may be under way any longer.
 */
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
