import { type ConnectGap, lengthOf, type RecoveryRecord } from '../../model/recovery.ts';

/** The gaps between good connects of one leg, as far as its records hold them. */
export class GapLog {
  readonly #gaps: ConnectGap[] = [];
  readonly #lateUs: number[] = [];

  add({ gaps, lateUs = [] }: RecoveryRecord): void {
    this.#gaps.push(...gaps);
    this.#lateUs.push(...lateUs);
  }

  /** The moment of the last good connect; undefined: there were fewer than two. */
  get lastOkUs(): number | undefined {
    return this.#gaps.at(-1)?.[1];
  }

  /**
   * Returns the longest gap that is accepted; undefined if there is none. It is exact if the accepted gaps are those
   * that overlap a time at least as long as an interval.
   */
  findLongest(accepts: (gap: ConnectGap) => boolean): ConnectGap | undefined {
    let longest: ConnectGap | undefined;
    for (const gap of this.#list()) {
      if (longest !== undefined && lengthOf(gap) <= lengthOf(longest)) continue;
      if (accepts(gap)) longest = gap;
    }
    return longest;
  }

  /**
   * Returns the end of the gap that holds a moment: the first good connect after it. undefined: the records do not hold
   * that gap, because longer ones surround it, or it has not ended.
   */
  findEnd(atUs: number): number | undefined {
    return this.findLongest(([fromUs, toUs]) => fromUs <= atUs && toUs > atUs)?.[1];
  }

  /** Returns the gaps, split where a good connect was read too late. */
  #list(): ConnectGap[] {
    if (this.#lateUs.length === 0) return this.#gaps;
    return this.#gaps.flatMap((gap) => splitGap(gap, this.#lateUs));
  }
}

function splitGap([fromUs, toUs]: ConnectGap, lateUs: readonly number[]): ConnectGap[] {
  const within = lateUs.filter((us) => us > fromUs && us < toUs).sort((a, b) => a - b);
  const ends = [...within, toUs];
  return ends.map((us, i): ConnectGap => [ends[i - 1] ?? fromUs, us]);
}
