import { nounOf } from '../../counted.ts';
import { isLoneHeader } from '../file-version.ts';
import type { EndRecord } from '../records/end.ts';
import type { ResultRecord, StreamRecord } from '../records/records.ts';
import { BesideSequence } from './beside-sequence.ts';

/**
 * Checks the order of the records of a result, and so finds lines that were cut out or doubled. The writer guarantees:
 * - The intervals of a leg begin at its T0 and leave no gap (a run without variants is one leg). Each begins at the
 *   very microsecond at which the one before ended, also where nothing happened in it and where a search cut it short.
 *   The last one ends no sooner than the leg.
 * - Each step of a search comes right after its decision, with no other step or decision of the search in between.
 * - A search that came to its own end says so in its last decision.
 * - Events and activities of the background are those of the header (BesideSequence).
 * - The end of a leg holds the number of lines of each kind since the leg began (older files lack it).
 * Warm-ups and the tastes before a run of variants write no intervals. The tastes and controls of a search are steps
 * like any other.
 */
export class RecordSequence {
  /** Required start of the next interval; undefined outside of a leg. */
  #nextUs: number | undefined;
  #isOneLeg = true;
  #search: 'none' | 'decided' | 'opened' | 'done' = 'none';
  /** Number of lines of this leg, by record type. */
  #counts = new Map<string, number>();
  /** undefined: there was no header. */
  #beside: BesideSequence | undefined;

  /**
   * Returns what is wrong with the record after those before it, beginning with the field's name; undefined if nothing
   * is.
   */
  check(record: ResultRecord): string | undefined {
    if (record.type === 'header') {
      this.#isOneLeg = isLoneHeader(record);
      this.#beside = new BesideSequence(record);
      if (this.#isOneLeg) this.#open(0);
      return undefined;
    }
    if (record.type === 'leg') {
      this.#open(record.fromUs);
      this.#beside?.open(record.variant);
      return undefined;
    }
    const { type } = record;
    this.#counts.set(type, (this.#counts.get(type) ?? 0) + 1);
    if (record.type === 'legEnd') return this.#checkEnd(record);
    else if (record.type === 'end') return this.#isOneLeg ? this.#checkEnd(record) : undefined;
    else if (record.type === 'interval') return this.#checkInterval(record);
    else if (record.type === 'step') return this.#checkStep(record.index);
    else if (record.type === 'event') return this.#beside?.checkEvent(record);
    else if (record.type === 'background') return this.#beside?.checkBackground(record);
    else if (record.type === 'decision') return this.#checkDecision(record);
    return undefined;
  }

  #open(fromUs: number): void {
    this.#nextUs = fromUs;
    this.#search = 'none';
    this.#counts = new Map();
  }

  #checkInterval({ fromUs, toUs }: { fromUs: number; toUs: number }): string | undefined {
    const dueUs = this.#nextUs;
    // The interval belongs to no leg. The code that adds up the records reports that.
    if (dueUs === undefined) return undefined;
    this.#nextUs = toUs;
    if (toUs < fromUs) return `toUs must be at least fromUs, ${fromUs}, got ${toUs}`;
    if (fromUs === dueUs) return undefined;
    const why = fromUs > dueUs ? 'lines are missing before it' : 'it was reported before';
    return `fromUs must be ${dueUs}, where the interval before ended, got ${fromUs}: ${why}`;
  }

  #checkStep(index: number): string | undefined {
    if (this.#search !== 'decided') return `index ${index}: the decision for this step is missing`;
    this.#search = 'opened';
    return undefined;
  }

  #checkDecision({ search }: StreamRecord & { type: 'decision' }): string | undefined {
    if (search === undefined) return undefined;
    const missing = this.#findMissingStep();
    this.#search = search.next === 'step' ? 'decided' : 'done';
    return missing === undefined ? undefined : `decision: ${missing}`;
  }

  #checkEnd(end: Pick<EndRecord, 'atUs' | 'stoppedBy' | 'records'>): string | undefined {
    const { atUs, stoppedBy } = end;
    const lastUs = this.#nextUs;
    this.#nextUs = undefined;
    if (lastUs !== undefined && lastUs < atUs) {
      return `atUs is ${atUs}, and the last interval ended at ${lastUs}: lines are missing before it`;
    }
    const missing = this.#findMissingStep();
    if (missing !== undefined) return `${stoppedBy}: ${missing}`;
    if (stoppedBy === 'end' && this.#search === 'opened') {
      return 'stoppedBy is end, and the decision to end the search is missing';
    }
    const unended = this.#beside?.findMissing();
    if (unended !== undefined) return unended;
    return this.#checkCounts(end.records ?? {});
  }

  /** Checks the record types that the end counts. A newer connstorm may write others. */
  #checkCounts(counted: Record<string, number>): string | undefined {
    for (const [type, count] of Object.entries(counted)) {
      const seen = this.#counts.get(type) ?? 0;
      if (seen === count) continue;
      const why = seen < count ? 'lines are missing before it' : 'a line is there twice';
      return `records.${type} is ${count}, and the file has ${seen} ${nounOf(seen, 'line', 'lines')} of that kind: ${why}`;
    }
    return undefined;
  }

  #findMissingStep(): string | undefined {
    return this.#search === 'decided'
      ? 'the step that the last decision asked for is missing'
      : undefined;
  }
}
