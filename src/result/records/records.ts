import type { StepRole } from '../../scenario/plan/search-settings.ts';

/**
 * The records of a result file: one JSON object a line (NDJSON). The run writes them, everything that
 * judges or shows reads them. Times are integer microseconds since T0, the common start of all threads,
 * unless a name says otherwise. No record ever holds a password.
 */

import type { EndRecord } from './end.ts';
import type { AnyHeader, StepRecord } from './header.ts';
import type { IntervalRecord } from './intervals.ts';
import type { ProbeRecord, SampleRecord, WatchRecord } from './samples.ts';
import type { AnySummary } from './summary-records.ts';

/**
 * Opens one variant's turn in a round: the intervals, samples and decisions that follow, up to the `legEnd`, are its.
 * Their times are since the T0 of the whole run, as everywhere; those of its plan are since `fromUs`.
 */
export interface LegRecord {
  type: 'leg';
  variant: string;
  round: number;
  seed: number;
  /** The leg's own T0. Nothing is measured across legs: it is good to some microseconds. */
  fromUs: number;
  /**
   * How long before that the leg's own load came that is not measured: with another seed, cut to this, drained. Absent: not
   * at all, the leg met its target as it was.
   */
  warmedUs?: number;
}

/** A leg has come to its end: nothing of it is under way any more. */
export interface LegEndRecord extends Omit<EndRecord, 'type'> {
  type: 'legEnd';
}

/** A step that a search decided on, before anything of it; numbered on from those of the plan. */
export interface StepOpenedRecord extends StepRecord {
  type: 'step';
}

/** Something that was decided while running, and why. */
export interface DecisionRecord {
  type: 'decision';
  atUs: number;
  decision: string;
  reason: string;
  /** Of a search: what it does next, decided from the records before this one alone. */
  search?: { next: 'step'; role: StepRole; level: number; durationUs: number } | { next: 'done' };
}

/** What is told while load runs, of a run or of one leg. */
export type StreamRecord =
  | IntervalRecord
  | StepOpenedRecord
  | SampleRecord
  | ProbeRecord
  | DecisionRecord
  | WatchRecord;

const STREAMED: Record<StreamRecord['type'], true> = {
  interval: true,
  step: true,
  sample: true,
  probe: true,
  decision: true,
  watch: true,
};

/** False for a kind that this version does not know, too. */
export function isStreamed(record: ResultRecord): record is StreamRecord {
  return Object.hasOwn(STREAMED, record.type);
}

export type ResultRecord =
  | AnyHeader
  | LegRecord
  | LegEndRecord
  | StreamRecord
  | EndRecord
  | AnySummary;
