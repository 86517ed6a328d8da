import type { WatchRecord } from '../result/records/samples.ts';
import type { WatchSummary } from '../result/records/summary-figures.ts';

/** Sums up what the kill switch saw of the target, over all of its records. */
export class WatchFold {
  #isSeen = false;
  #answered = 0;
  #answersUs = 0;
  #canaryMaxUs: number | null = null;
  #connected = 0;
  #failed = 0;
  #witnessMaxUs: number | null = null;

  /** Adds one record, of about a second. */
  add({ canary, witness }: WatchRecord): void {
    this.#isSeen = true;
    this.#answered += canary.answered;
    this.#answersUs += canary.answered * (canary.meanUs ?? 0);
    this.#canaryMaxUs = max(this.#canaryMaxUs, canary.maxUs, canary.waitingUs);
    this.#connected += witness.connected;
    this.#failed += witness.failed;
    this.#witnessMaxUs = max(this.#witnessMaxUs, witness.maxUs, witness.waitingUs);
  }

  /** Returns undefined if the kill switch did not watch. */
  summarise(): WatchSummary | undefined {
    if (!this.#isSeen) return undefined;
    const answered = this.#answered;
    return {
      canary: {
        answered,
        meanUs: answered === 0 ? null : Math.round(this.#answersUs / answered),
        maxUs: this.#canaryMaxUs,
      },
      witness: {
        connected: this.#connected,
        failed: this.#failed,
        maxUs: this.#witnessMaxUs,
      },
    };
  }
}

function max(...values: (number | null | undefined)[]): number | null {
  const known = values.filter((value) => value != null);
  return known.length === 0 ? null : Math.max(...known);
}
