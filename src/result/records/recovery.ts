import type { EventKind } from '../../scenario/event-kinds.ts';
import type { ErrorCount } from './intervals.ts';

/**
 * How the target came through one disturbance: an event of the scenario, or a cut of several sessions without one.
 * Times are integer microseconds, moments since the T0 of the leg. The `kind` of a figure says whether it was seen, was
 * looked for and not seen, or cannot be measured here.
 */
export interface RecoverySummary {
  cause: DisturbanceCause;
  /** From 1. */
  round: number;
  /**
   * The time that the figures are about: from the beginning of the disturbance until the load was served as before. If
   * that is not known: until the event's allowed time is over, or the load ends. The next event ends it in any case. It
   * is at least a second, and as long as the event itself.
   */
  fromUs: number;
  untilUs: number;
  outage: Outage;
  /**
   * Only after a restart: from its beginning until the first good connect after the old postmaster had ended. Absent: no
   * restart, or that connect is not in the records, as when the load ended first.
   */
  servedAfterUs?: number;
  recovered: Recovered;
  /** Sessions that were cut in this time. */
  allBack: AllBack;
  /**
   * The counts of the whole intervals that this time touches. Attempts that ended, and those of them that became ready;
   * `perSuccess` is null if none did.
   */
  attempts: { ended: number; ok: number; perSuccess: number | null };
  /** Largest number of attempts in flight that was sampled, ten times a second. */
  peakInFlight: number;
  /** Errors of those intervals. */
  errors: ErrorCount[];
  wastedForks: WastedForks;
}

export type DisturbanceCause =
  | { kind: 'event'; event: EventKind; index: number }
  /** The server cut so many sessions together, without an event. */
  | { kind: 'cut'; sessions: number };

export interface NotMeasurable {
  kind: 'not-measurable';
  /** A clause without a full stop. */
  reason: string;
}

/** The longest time without a good connect. */
export type Outage =
  /** `resolutionUs`: mean time between good connects before. `atLeast`: it had not ended with the load. */
  | {
      kind: 'seen';
      us: number;
      fromUs: number;
      toUs: number;
      resolutionUs: number;
      atLeast?: true;
    }
  /** No gap was as long as `thresholdUs`: three times the resolution, or the longest gap before, if that is longer. */
  | { kind: 'none-seen'; longestUs: number; thresholdUs: number; resolutionUs: number }
  | NotMeasurable;

/** When arrivals were served again as before. Its resolution is a second. */
export type Recovered =
  /** From the beginning of the disturbance until the first of three good seconds. */
  | { kind: 'recovered'; afterUs: number; beforeP90Us: number }
  /** No second was slow. */
  | { kind: 'never-slow'; beforeP90Us: number }
  /** Not within `forUs`, when the load ended. */
  | { kind: 'not-recovered'; forUs: number; beforeP90Us: number }
  | NotMeasurable;

export type AllBack =
  | { kind: 'none-cut' }
  /** From the first cut until the last of them was back. */
  | { kind: 'back'; sessions: number; afterUs: number }
  /**
   * Some gave up, were ended with the run, or still waited. `firstCutUs`: when the first was cut, since T0; absent: not
   * known.
   */
  | { kind: 'not-all-back'; sessions: number; back: number; firstCutUs?: number }
  | NotMeasurable;

/** Processes that the server forked for clients that had given up waiting for one. */
export type WastedForks = { kind: 'counted'; forks: number } | NotMeasurable;
