import type { EncodedHistogram } from '../../model/measures.ts';

/** The kinds of end of a run or a leg. `event`: an event of the scenario failed. */
export const STOPPED_BY = ['end', 'signal', 'condition', 'event', 'error'] as const;
export type StoppedBy = (typeof STOPPED_BY)[number];

/** Who opens sessions beside the load: the probes, and the events drop-all and reload. */
export const OWN_USES = ['canary', 'witness', 'server', 'events'] as const;
export type OwnUse = (typeof OWN_USES)[number];

/** Sessions that connstorm opened for itself at one host while a leg ran, or for it shortly before. */
export interface OwnSessionsRecord {
  /** Index into the target's hosts; 0 if there is one. */
  host: number;
  /** Logins that became ready, by use; one that is missing opened none. */
  counts: Partial<Record<OwnUse, number>>;
}

export interface EndRecord {
  type: 'end';
  atUs: number;
  stoppedBy: StoppedBy;
  /** End of the arrivals; absent: at the plan's end. */
  stopAtUs?: number;
  /** Reason, if `stoppedBy` is not `end`. */
  reason?: string;
  /**
   * Number of lines of each kind before this one in its leg. A reader finds missing lines by it. Absent in older files,
   * and at the end of a run of variants, whose legs have the numbers.
   */
  records?: Record<string, number>;
  /**
   * SCRAM: completed PBKDF2 derivations, and the number of different salts that the server sent (at most MOST_SALTS of
   * each thread). Absent: no attempt met SCRAM. `derivations` 0: attempts were abandoned before one ended.
   */
  scram?: {
    derivations: number;
    salts: number;
    cache: boolean;
    /**
     * From the request for a derivation to its result: the shortest time and the mean. With the pg driver: from the
     * server's challenge to pg's answer, which includes turns of the event loop.
     */
    shortestUs: number;
    meanUs: number;
    /**
     * `waits`: how long each login waited for its keys; 0 if they were there already. `alone`: how long those
     * derivations took that ran with no other beside them. Absent in files from when only the mean was kept.
     */
    waits?: EncodedHistogram;
    alone?: EncodedHistogram;
    /** Attempts that were abandoned while they waited for their keys; absent: none. */
    abandoned?: number;
  };
  /**
   * Sessions of connstorm's own beside the load; those of background activities are in their own counts. Absent: there
   * were none, or they are not known, or an older file.
   */
  ownSessions?: OwnSessionsRecord[];
}
