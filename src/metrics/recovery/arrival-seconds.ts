import { Histogram } from '../../model/histogram.ts';
import { ARRIVAL_SECOND_US, type ArrivalSecond } from '../../model/recovery.ts';

/** How long after its end a second waits for its last arrivals to end. */
const LONGEST_WAIT_US = 60_000_000;

interface OpenSecond {
  due: number;
  /** Arrivals that have begun and not ended. */
  pending: number;
  readonly latency: Histogram;
}

/** Gathers the latency of arrivals by the second in which they were due. */
export class ArrivalSeconds {
  /** By their first microsecond. */
  readonly #open = new Map<number, OpenSecond>();

  noteBegun(scheduledUs: number): void {
    const second = this.#of(scheduledUs);
    second.due++;
    second.pending++;
  }

  noteDropped(scheduledUs: number): void {
    this.#of(scheduledUs).due++;
  }

  /** The arrival has ended. `latencyUs`: undefined if it was not connected. */
  noteEnded(scheduledUs: number, latencyUs?: number): void {
    const second = this.#open.get(startOf(scheduledUs));
    // The second was given up, with this arrival as one without latency.
    if (second === undefined || second.pending === 0) return;
    second.pending--;
    if (latencyUs !== undefined) second.latency.record(latencyUs);
  }

  /** Removes and returns the seconds that are complete, or have waited for a minute, in order. */
  take(beforeUs: number): ArrivalSecond[] {
    const taken: ArrivalSecond[] = [];
    for (const [fromUs, { due, pending, latency }] of this.#open) {
      const toUs = fromUs + ARRIVAL_SECOND_US;
      const isWhole = toUs <= beforeUs && pending === 0;
      if (!isWhole && toUs + LONGEST_WAIT_US > beforeUs) continue;
      this.#open.delete(fromUs);
      taken.push({ fromUs, due, latency: latency.encode() });
    }
    return taken.sort((a, b) => a.fromUs - b.fromUs);
  }

  #of(scheduledUs: number): OpenSecond {
    const fromUs = startOf(scheduledUs);
    const known = this.#open.get(fromUs);
    if (known !== undefined) return known;
    const second = { due: 0, pending: 0, latency: new Histogram() };
    this.#open.set(fromUs, second);
    return second;
  }
}

function startOf(us: number): number {
  return Math.floor(us / ARRIVAL_SECOND_US) * ARRIVAL_SECOND_US;
}
