import { type ConnectGap, keepOutstanding } from '../../model/recovery.ts';
import { takeBefore } from '../take-before.ts';

/** The gaps that ended in one interval. */
export interface GapsTaken {
  gaps: ConnectGap[];
  lateUs: number[];
}

/** Finds the gaps between good connects. Their moments are noted nearly in order. */
export class ConnectGaps {
  readonly #moments: number[] = [];
  /** The latest moment that was taken; undefined: none was. */
  #lastUs: number | undefined;

  noteOk(atUs: number): void {
    this.#moments.push(atUs);
  }

  /** Removes the moments before `beforeUs`, and returns the gaps that end with them. */
  take(beforeUs: number): GapsTaken {
    const gaps: ConnectGap[] = [];
    const lateUs: number[] = [];
    for (const atUs of takeBefore(this.#moments, beforeUs)) {
      const lastUs = this.#lastUs;
      if (lastUs !== undefined && atUs < lastUs) {
        lateUs.push(atUs);
        continue;
      }
      if (lastUs !== undefined) gaps.push([lastUs, atUs]);
      this.#lastUs = atUs;
    }
    return { gaps: keepOutstanding(gaps), lateUs };
  }
}
