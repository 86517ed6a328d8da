/**
 * The records of a result file: one JSON object a line (NDJSON). The run writes them, everything that
 * judges or shows reads them. Times are integer microseconds since T0, the common start of all threads,
 * unless a name says otherwise. No record ever holds a password.
 */

import type { AnyHeader } from './header.ts';
import type { IntervalRecord } from './intervals.ts';
import type { SampleRecord, WatchRecord } from './samples.ts';
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
}

/** A leg has come to its end: nothing of it is under way any more. */
export interface LegEndRecord extends Omit<EndRecord, 'type'> {
  type: 'legEnd';
}

/** Something that was decided while running, and why. */
export interface DecisionRecord {
  type: 'decision';
  atUs: number;
  decision: string;
  reason: string;
}

export const STOPPED_BY = ['end', 'signal', 'condition', 'error'] as const;
export type StoppedBy = (typeof STOPPED_BY)[number];

export interface EndRecord {
  type: 'end';
  atUs: number;
  stoppedBy: StoppedBy;
  /** When arrivals ended, where that was before the plan's end. */
  stopAtUs?: number;
  /** Why, where `stoppedBy` is not `end`. */
  reason?: string;
  /** SCRAM: how often PBKDF2 ran and how many different salts the server sent; absent when no attempt met SCRAM. */
  scram?: {
    derivations: number;
    salts: number;
    cache: boolean;
    /** From asking for a derivation to having it: the shortest, and the mean. */
    shortestUs: number;
    meanUs: number;
  };
}

export type ResultRecord =
  | AnyHeader
  | LegRecord
  | LegEndRecord
  | IntervalRecord
  | SampleRecord
  | DecisionRecord
  | WatchRecord
  | EndRecord
  | AnySummary;
