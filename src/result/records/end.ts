import type { EncodedHistogram } from '../../model/measures.ts';

/** What ended a run or a leg. */
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
  /**
   * How many lines of each kind there are before it, of its leg, so that a reader notices one that is missing; absent in older files, and
   * at the end of a run of variants, whose legs tell it.
   */
  records?: Record<string, number>;
  /**
   * SCRAM: how often PBKDF2 ran to its end, and how many different salts the server sent, of a thread MOST_SALTS at most; absent when no
   * attempt met SCRAM. No derivation: attempts were abandoned before one ended.
   */
  scram?: {
    derivations: number;
    salts: number;
    cache: boolean;
    /**
     * From asking for a derivation to having it: the shortest, and the mean. With the pg driver from the server's
     * challenge to pg's answer, in which there are turns of the event loop as well.
     */
    shortestUs: number;
    meanUs: number;
    /**
     * How long each login waited for its keys, 0 where they were there, and how long those derivations took beside which
     * there was no other one. Absent in files of a time when only the mean was kept.
     */
    waits?: EncodedHistogram;
    alone?: EncodedHistogram;
    /** Attempts that were abandoned while they waited for their keys; absent: none. */
    abandoned?: number;
  };
}
