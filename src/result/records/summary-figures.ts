/** Parts of a summary: figures of a metric, a step, a window, sessions and costs. Times are integer microseconds. */

import type { Accounting, ReconnectStorm, SessionAccounting } from '../../model/ledgers.ts';
import type { StepRecord } from './header.ts';

/** Figures of a metric. Times are null if there is no value. */
export interface MetricSummary {
  count: number;
  /**
   * Attempts that may have been slower than any value: timed out, abandoned, cancelled, lost or dropped. For `close`:
   * connections whose FIN never came. Present only if the metric is censored.
   */
  censored?: number;
  /**
   * Only for latency beside closed loops, which have none: the attempts of the other blocks, started or dropped.
   * Absent: all attempts.
   */
  tries?: number;
  minUs: number | null;
  meanUs: number | null;
  p50Us: number | null;
  p90Us: number | null;
  p95Us: number | null;
  p99Us: number | null;
  p999Us: number | null;
  maxUs: number | null;
  /** Names of the figures above that are lower bounds ("at least"), because the censored share exceeds 1 - q. */
  atLeast?: ('p50Us' | 'p90Us' | 'p95Us' | 'p99Us' | 'p999Us' | 'maxUs')[];
  /**
   * Names of the figures above that are upper bounds ("at most"), because they contain connstorm's own time. Only in a
   * search's curve.
   */
  atMost?: ('p50Us' | 'p90Us' | 'p95Us' | 'p99Us' | 'p999Us' | 'maxUs')[];
}

export interface Validity {
  valid: boolean;
  reasons: Reason[];
}

/** A reason why a figure cannot be trusted, or soon may not be: the finding, with numbers, and what to change. */
export interface Reason {
  code: string;
  message: string;
  /** The variant that the reason belongs to, if a run of several is judged. */
  variant?: string;
  /**
   * Only for a variant: the rounds that have the fault, which a comparison leaves out. Absent: it concerns all that was
   * measured.
   */
  rounds?: number[];
  /** Numbers behind the message, if it rests on samples. */
  evidence?: { text: string; value: number; unit: string }[];
}

/** One step of a load or a search, with its figures and its validity. */
export interface StepSummary extends StepRecord {
  /** Arrivals due per second. In a closed loop, which offers no rate: attempts that its clients began. */
  offeredPerSecond: number;
  achievedPerSecond: number;
  /**
   * Moment at which the last of its arrivals (or sessions, without reconnects) was connected, in its window or after
   * it; with several rounds, the latest. Absent: none was. It shows how long a burst took, for which rates say little.
   */
  lastConnectedUs?: number;
  accounting: Accounting;
  latency: MetricSummary;
  lateness: MetricSummary;
  /** Only in a closed loop, which has no latency. */
  serviceTime?: MetricSummary;
  validity: Validity;
  /** True: the step was running when the search was cut short, and does not count. Absent: it was not. */
  unfinished?: true;
}

/** A part of the time of a load that has one step. Attempts are assigned by the moment they ended. */
export interface WindowSummary {
  /** Since T0. The time after the load is one more window, which ends with the last record. */
  fromUs: number;
  toUs: number;
  /** True: the window ends before its planned end, because the run did. Absent: it is whole. */
  partial?: true;
  /**
   * True: the window came after the load's end, planned or not; nothing was offered in it. Absent: it is part of the
   * load.
   */
  drain?: true;
  /** Arrivals that came due; absent in a closed loop. */
  offeredPerSecond?: number;
  /** Attempts that became ready. */
  achievedPerSecond: number;
  ok: number;
  failed: number;
  /** Given up on purpose (`close: abandon`); absent: none. */
  abandoned?: number;
  dropped: number;
  latency?: MetricSummary;
  /** Only in a closed loop, which has no latency. */
  serviceTime?: MetricSummary;
}

export interface SessionSummary extends SessionAccounting {
  /** Part of `connected`: clients that the server had cut and that came back; absent in older files. */
  reconnected?: number;
  /**
   * Attempts of all sessions, those that gave up included, divided by the sessions that were connected; null without
   * any.
   */
  attemptsPerSuccess: number | null;
  /**
   * Sessions that were connected within the goal. `share` is of all begun sessions and all dropped arrivals. null
   * without a goal.
   */
  goodput: { goalUs: number; withinGoal: number; share: number; perSecond: number } | null;
  /** The largest storm of sessions that were cut together; null: none was cut. */
  reconnect:
    | (Omit<ReconnectStorm, 'lastCutUs' | 'endUs'> & {
        /** Number of such storms. */
        storms: number;
        /** From the first cut until the last of them was back; null: not all came back, or not yet. */
        allBackUs: number | null;
      })
    | null;
}

/**
 * Cost of a connect to others: all that they used meanwhile, divided by the attempts started. The probes' own queries,
 * and whatever else ran there, are included. null: not seen.
 */
export interface Cost {
  /** CPU time of all of the server's processes. */
  serverCpuPerConnectUs: number | null;
  /** The part of it that is the postmaster's own, which forks for each connect. Other forks are included. */
  postmasterCpuPerConnectUs: number | null;
  /** CPU time of the pooler's process; null also without a pooler. */
  poolerCpuPerConnectUs: number | null;
  /** Largest number of backends at a time, the probes' own included. Sampled some times a second. */
  backendsMost: number | null;
  /** Missing or inexact parts, and why: a line each. */
  notes?: string[];
}

/**
 * Service of the target to other clients meanwhile, as canary and witness saw it. A wait whose end was not seen is in
 * `maxUs` with its length so far.
 */
export interface WatchSummary {
  canary: { answered: number; meanUs: number | null; maxUs: number | null };
  witness: { connected: number; failed: number; maxUs: number | null };
}
