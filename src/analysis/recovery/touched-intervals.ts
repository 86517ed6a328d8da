import { countEnded } from '../../model/accounting.ts';
import { ErrorTable } from '../../model/error-table.ts';
import type { ErrorCount, IntervalRecord } from '../../result/records/intervals.ts';

/** What recovery needs of an interval, over all steps. */
export interface BriefInterval {
  fromUs: number;
  toUs: number;
  /** Attempts that ended, ok ones included. */
  ended: number;
  ok: number;
  abandoned: number;
  /** Connections that the server ended. */
  cut: number;
  /** Sessions of clients that had been cut. */
  reconnects: number;
  peakInFlight: number;
  errors: readonly ErrorCount[];
}

/** Intervals that are kept of a leg in which nothing is disturbed. */
const KEPT = 12;

/** The intervals of one leg, for their sums over the times of disturbances. */
export class TouchedIntervals {
  #intervals: BriefInterval[] = [];

  /** `isKept`: false while nothing is disturbed, so that only the last ones are needed. */
  add(interval: IntervalRecord, isKept: boolean): void {
    this.#intervals.push(shorten(interval));
    if (!isKept && this.#intervals.length > KEPT) this.#intervals = this.#intervals.slice(-KEPT);
  }

  /** Returns the intervals that lie within the time. An interval of no length is left out. */
  listWithin(fromUs: number, toUs: number): BriefInterval[] {
    return this.#intervals.filter(
      (interval) =>
        interval.fromUs >= fromUs && interval.toUs <= toUs && interval.toUs > interval.fromUs,
    );
  }

  /** Returns the intervals that overlap the time. */
  listTouched(fromUs: number, toUs: number): BriefInterval[] {
    return this.#intervals.filter((interval) => interval.fromUs < toUs && interval.toUs > fromUs);
  }
}

function shorten({
  fromUs,
  toUs,
  steps,
  inFlight,
  inFlightSamples = [],
  errors,
}: IntervalRecord): BriefInterval {
  const sum = (pick: (step: IntervalRecord['steps'][0]) => number): number =>
    steps.reduce((total, step) => total + pick(step), 0);
  return {
    fromUs,
    toUs,
    ended: sum(({ counts }) => countEnded(counts)),
    ok: sum(({ counts }) => counts.ok),
    abandoned: sum(({ counts }) => counts.abandoned),
    cut: sum(({ connections }) => connections.cut),
    reconnects: sum(({ sessions }) => sessions?.reconnects ?? 0),
    peakInFlight: Math.max(inFlight, ...inFlightSamples),
    errors,
  };
}

/** Returns the errors of all these intervals, the most frequent first. */
export function sumErrors(intervals: readonly BriefInterval[]): ErrorCount[] {
  const table = new ErrorTable();
  for (const error of intervals.flatMap(({ errors }) => errors)) table.add(error);
  return table.list();
}
