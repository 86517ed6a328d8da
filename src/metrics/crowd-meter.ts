import { type CrowdCounts, type CrowdRecord, unitOfCrowd } from '../model/crowd.ts';
import { takeBefore } from './take-before.ts';

/**
 * Longest lateness for which an arrival's crowd is exact. An arrival that begins later finds the others already
 * counted, so its crowd is only nearly right.
 */
const LATEST_US = 5_000_000;

/**
 * Counts, for each attempt, how many others were in flight when it began. It also counts how many would have been, if
 * each attempt had begun at its due moment and taken the same time. If the two differ, connstorm's lateness has changed
 * the load that it put on the target.
 */
export class CrowdMeter {
  readonly #due = new Line();
  readonly #begun = new Line();

  noteBegun(dueUs: number, startUs: number): void {
    this.#due.starts.push(dueUs);
    this.#begun.starts.push(startUs);
  }

  noteEnded(dueUs: number, startUs: number, atUs: number): void {
    this.#due.ends.push(dueUs + atUs - startUs);
    this.#begun.ends.push(atUs);
  }

  /**
   * Returns the crowds of attempts from before `beforeUs` less 5 s; undefined without any. Call it once everything that
   * happened before `beforeUs` was noted.
   */
  take(beforeUs: number): CrowdRecord | undefined {
    const due = this.#due.take(beforeUs - LATEST_US);
    const begun = this.#begun.take(beforeUs - LATEST_US);
    return due.length + begun.length === 0 ? undefined : { due, begun };
  }
}

/** Moments at which attempts begin and end, noted nearly in order. */
class Line {
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  #inFlight = 0;

  /** Removes the starts before `beforeUs`, and counts them by the number of attempts in flight at each. */
  take(beforeUs: number): CrowdCounts {
    const starts = takeBefore(this.starts, beforeUs);
    const ends = takeBefore(this.ends, beforeUs);
    const counts = new Map<number, number>();
    let ended = 0;
    for (const [index, startUs] of starts.entries()) {
      while ((ends[ended] ?? Number.POSITIVE_INFINITY) <= startUs) ended++;
      // An attempt that took no time at all has ended before its own start is counted.
      const others = roundCrowd(Math.max(0, this.#inFlight + index - ended));
      counts.set(others, (counts.get(others) ?? 0) + 1);
    }
    this.#inFlight += starts.length - ends.length;
    return [...counts].sort(([a], [b]) => a - b);
  }
}

/** Rounds down to three significant bits, so that few numbers are kept: 0 to 7, 8, 10, 12, 14, 16, 20 and so on. */
function roundCrowd(others: number): number {
  const unit = unitOfCrowd(others);
  return Math.floor(others / unit) * unit;
}
