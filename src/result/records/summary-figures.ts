/** What a summary says of a metric, a step, a window, sessions and costs. Times are integer microseconds. */

import type { Accounting, ReconnectStorm, SessionAccounting } from '../../model/ledgers.ts';
import type { StepRecord } from './header.ts';

/** A metric's figures. Times are null where there is no value. */
export interface MetricSummary {
  count: number;
  /** Attempts that might have been slower than any value: timed out, abandoned, cancelled, lost, dropped; of `close`: connections whose FIN never came. Only where the metric is censored. */
  censored?: number;
  /** Of latency beside closed loops, which have none: the attempts of the others, started or dropped. Absent: all. */
  tries?: number;
  minUs: number | null;
  meanUs: number | null;
  p50Us: number | null;
  p90Us: number | null;
  p95Us: number | null;
  p99Us: number | null;
  p999Us: number | null;
  maxUs: number | null;
  /** Names of the figures above that are lower bounds ("at least"): the censored share exceeds 1 - q. */
  atLeast?: ('p50Us' | 'p90Us' | 'p95Us' | 'p99Us' | 'p999Us' | 'maxUs')[];
  /** Names of the figures above that are upper bounds ("at most"): time of connstorm's own is in them. Only in a search's curve. */
  atMost?: ('p50Us' | 'p90Us' | 'p95Us' | 'p99Us' | 'p999Us' | 'maxUs')[];
}

export interface Validity {
  valid: boolean;
  reasons: Reason[];
}

/** Why something cannot be trusted, or soon may not be: what was found, with numbers, and what to change. */
export interface Reason {
  code: string;
  message: string;
  /** Whose reason it is, where a run of several is judged. */
  variant?: string;
  /** Of a variant: it is found in these rounds alone, which a comparison leaves out. Absent: it is of all that was measured. */
  rounds?: number[];
  /** The numbers of the message, where it rests on samples. */
  evidence?: { text: string; value: number; unit: string }[];
}

/** One step of a ramp, judged. */
export interface StepSummary extends StepRecord {
  /** Arrivals due; in a closed loop, which offers no rate, what its clients began. */
  offeredPerSecond: number;
  achievedPerSecond: number;
  /**
   * When the last of its arrivals (or sessions, without reconnects) was connected, whatever its window; of several
   * rounds the latest. Absent where none was. Of a burst: what it took, where rates say little.
   */
  lastConnectedUs?: number;
  accounting: Accounting;
  latency: MetricSummary;
  lateness: MetricSummary;
  /** In a closed loop, which has no latency. */
  serviceTime?: MetricSummary;
  validity: Validity;
  /** Of a search: the step was under way when the search was cut short, and counts for nothing; absent: it was not. */
  unfinished?: true;
}

/** A part of a load of one step, by the moment its attempts ended. */
export interface WindowSummary {
  /** Since T0. What came after the load is one more window, which ends with the last record. */
  fromUs: number;
  toUs: number;
  /** It ends before its planned end, as the run did; absent: it is whole. */
  partial?: true;
  /** It came after the load's end, whenever that was: nothing was offered any more; absent: it is part of the load. */
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
  /** In a closed loop, which has no latency. */
  serviceTime?: MetricSummary;
}

export interface SessionSummary extends SessionAccounting {
  /** Of `connected`: clients that the server had cut and that were back; absent in older files. */
  reconnected?: number;
  /** Attempts of all sessions, those that gave up included, for each that was connected; null without any. */
  attemptsPerSuccess: number | null;
  /** Sessions that were connected within the goal, of all begun and all arrivals dropped; null without a goal. */
  goodput: { goalUs: number; withinGoal: number; share: number; perSecond: number } | null;
  /** The largest storm of sessions that were cut together; null where none was cut. */
  reconnect:
    | (Omit<ReconnectStorm, 'lastCutUs' | 'endUs'> & {
        /** How many such storms there were. */
        storms: number;
        /** From the first cut until the last of them was back; null where not all came back, or some are not yet. */
        allBackUs: number | null;
      })
    | null;
}

/**
 * What connects cost others, all that they did meanwhile by attempts started: the probes' own questions are in it, and whatever
 * else ran there. null: not seen.
 */
export interface Cost {
  /** CPU time of all of the server's processes. */
  serverCpuPerConnectUs: number | null;
  /** Of the pooler's process; null without a pooler, too. */
  poolerCpuPerConnectUs: number | null;
  /** Of the server's clients at a time, at most, the probes' own among them; as seen some times a second. */
  backendsMost: number | null;
  /** What is missing and why, or not exact: a line each. */
  notes?: string[];
}

/** How the target was to others meanwhile, as canary and witness saw it. What was never seen to end is in `maxUs` as far as it had come. */
export interface WatchSummary {
  canary: { answered: number; meanUs: number | null; maxUs: number | null };
  witness: { connected: number; failed: number; maxUs: number | null };
}
