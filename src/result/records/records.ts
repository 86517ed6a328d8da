import type { StepRole } from '../../scenario/plan/search-settings.ts';

/**
 * The records of a result file: one JSON object per line (NDJSON). The run writes them; analyses and reports read them.
 * Times are integer microseconds since T0, the common start of all threads, unless a name says otherwise. No record
 * ever holds a password.
 */

import type { EndRecord } from './end.ts';
import type { EventRecord } from './events.ts';
import type { AnyHeader, StepRecord } from './header.ts';
import type { IntervalRecord } from './intervals.ts';
import type { ProbeRecord, SampleRecord, WatchRecord } from './samples.ts';
import type { AnySummary } from './summary-records.ts';

/**
 * Beginning of one leg. The intervals, samples and decisions that follow, up to the `legEnd`, belong to it. Their times
 * count from the T0 of the whole run, as everywhere. The times of the leg's plan count from `fromUs`.
 */
export interface LegRecord {
  type: 'leg';
  variant: string;
  round: number;
  seed: number;
  /** The leg's own T0, precise to some microseconds. Nothing is measured across legs. */
  fromUs: number;
  /**
   * Length of the warm-up before the leg: the leg's own load, with another seed, cut to this length and drained, not
   * measured. Absent: none, so the leg met its target as it was.
   */
  warmedUs?: number;
}

/** End of a leg: nothing of it is still running. */
export interface LegEndRecord extends Omit<EndRecord, 'type'> {
  type: 'legEnd';
}

/**
 * A step that a search decided on. It is written before anything of the step happens. Its number follows those of the
 * plan.
 */
export interface StepOpenedRecord extends StepRecord {
  type: 'step';
}

/** A decision made during the run, with its reason. */
export interface DecisionRecord {
  type: 'decision';
  atUs: number;
  decision: string;
  reason: string;
  /** Only in a search: its next action, decided from the records before this one alone. */
  search?: { next: 'step'; role: StepRole; level: number; durationUs: number } | { next: 'done' };
}

/** Records that are written while load runs, in a run or in one leg. */
export type StreamRecord =
  | IntervalRecord
  | StepOpenedRecord
  | SampleRecord
  | ProbeRecord
  | DecisionRecord
  | WatchRecord
  | EventRecord;

const STREAMED: Record<StreamRecord['type'], true> = {
  interval: true,
  step: true,
  sample: true,
  probe: true,
  decision: true,
  watch: true,
  event: true,
};

/** Returns whether the record is one of these; false also for a type that this version does not know. */
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
