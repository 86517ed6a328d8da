/** What is derived from records: the summary. Times are integer microseconds. */

import type { CrowdRecord } from '../../model/crowd.ts';
import type {
  Accounting,
  ConnectionAccounting,
  ReconnectStorm,
  SessionAccounting,
} from '../../model/ledgers.ts';
import type { AttemptPhase, Boundary, SummaryMetric } from '../../model/measures.ts';
import type { NoticeCount } from '../../model/notices.ts';
import type { BudgetUnit } from '../../scenario/budget.ts';
import type { Comparison } from './comparison.ts';
import type { StepRecord } from './header.ts';
import type { ErrorCount } from './intervals.ts';
import type { EndRecord, StoppedBy } from './records.ts';

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
}

/** A part of a load of one step, by the moment its attempts ended. */
export interface WindowSummary {
  /** Since T0. What came after the load is one more window, which ends with the last record. */
  fromUs: number;
  toUs: number;
  /** It ends before its planned end, as the run did; absent: it is whole. */
  partial?: true;
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

/** The derived record: readers recompute it, and it carries the version that computed it. */
export interface SummaryRecord {
  type: 'summary';
  version: 1;
  connstorm: string;
  scenario: string;
  exitCode: number;
  /** `interrupted`: the file has no end, connstorm died. */
  stoppedBy: StoppedBy | 'interrupted';
  reason?: string;
  validity: Validity;
  accounting: Accounting;
  connections: ConnectionAccounting;
  /** Absent without sessions. */
  sessions?: SessionSummary;
  /** A metric that nothing was measured for is left out. */
  metrics: Partial<Record<SummaryMetric, MetricSummary>>;
  boundaries: Partial<Record<Boundary, number>>;
  errors: ErrorCount[];
  /** What the server or a pooler said beside its answers, in logins and first queries; absent where it said nothing. */
  notices?: NoticeCount[];
  /** Offered and achieved over the planned time that has run. */
  rates: { windowUs: number; offeredPerSecond: number; achievedPerSecond: number };
  steps: StepSummary[];
  /** A load of one step in windows of equal length; absent: the steps say when something was, or it was too short. */
  windows?: WindowSummary[];
  /** Where the slowest 1 % of the ok attempts spent their time: mean microseconds by piece; null without ok attempts. */
  slowest: {
    /** How many attempts the 1 % are, and how many of them were kept whole. */
    count: number;
    kept: number;
    fromUs: number;
    meanUs: { lateness: number } & Partial<Record<AttemptPhase, number>>;
  } | null;
  /** connstorm's own share of the host's CPU, and the host's busy share; null without samples. */
  generator: {
    cpuShare: number;
    hostBusyShare: number;
    /** Mean utilisation of the busiest worker's event loop, 0 to 1, and how late a loop came to a timer at most. */
    workerUtilisation?: number;
    longestLoopDelayUs?: number;
    /** Of the worker that waited most for a CPU: its share of the time; where the system tells. */
    cpuWaitShare?: number;
  } | null;
  /** What made no figure invalid but may the next time; left out where there is nothing. */
  warnings?: Reason[];
  scram?: Omit<NonNullable<EndRecord['scram']>, 'waits' | 'alone'> & {
    waits?: MetricSummary;
    alone?: MetricSummary;
  };
  /** How crowded it was when attempts began; absent in a closed loop, in a search, and where an older file does not tell. */
  crowd?: CrowdRecord;
  /** Absent: the target was not looked at while it was stormed. */
  cost?: Cost;
  /** What the kill switch saw; absent: it did not watch. */
  watch?: WatchSummary;
  /** null: it was not searched for. */
  capacity: Capacity | null;
  /** null: there is nothing to tell it by. */
  bottleneck: Bottleneck | null;
  variants: Record<string, never>;
  comparison: Comparison[];
  budgets: BudgetResult[];
}

/** What became of a budget. One that is not judged has not passed either. */
export interface BudgetResult {
  /** As it was written; of one variant of several it names that. */
  budget: string;
  verdict: 'pass' | 'fail' | 'not-judged';
  /** Of `bound`, `low` and `high`. */
  unit: BudgetUnit;
  /** null: this connstorm does not know the budget. */
  bound: number | null;
  /** What was measured lies between the two; null: nothing is known on that side, on both: nothing was measured that counts. */
  low: number | null;
  high: number | null;
  /** Of how many attempts, arrivals, connections or sessions; absent: of none. */
  of?: number;
  /** Why it was not judged; also what else speaks against a budget that fails. */
  reason?: string;
}

/** What a search found. An answer is an interval, or none; never a number where none was earned. */
export interface CapacityAnswer {
  /**
   * `found`: between the two rates. `not-reached`: nothing gave out up to the lower one. `wall`: refused for want of slots
   * between the two. `invalid`: connstorm gave out first, above the lower one. `unstable`: the target changed meanwhile, or too few
   * trials agreed, and the two are bounds that hold through all that was seen.
   */
  kind: 'found' | 'not-reached' | 'wall' | 'invalid' | 'unstable';
  /** The highest rate that was sustained; null where none was. */
  lowerPerSecond: number | null;
  /** The lowest that was not; null where there is none. */
  upperPerSecond: number | null;
  /** What ended the search there, or why it is unstable, in a line. */
  reason: string;
  /** Of an unstable answer: what was achieved at the least, for a short time, where that is below the lower rate. */
  leastPerSecond?: number;
}

export interface Capacity extends CapacityAnswer {
  /** The highest rate whose p99 of latency kept the goal as well; absent without a goal. */
  underGoal?: CapacityAnswer & { goalUs: number };
  /** Whether 0.9 of the lower rate was held at the end; null where that was not tried. */
  confirmed: boolean | null;
  /** What the same closed loop got at the least and at the most, connects a second; absent where it was not repeated. */
  changed?: { lowPerSecond: number; highPerSecond: number };
  /** Steps in which others took CPU that the target needed, of how many, and the largest share they took; absent: none seen. */
  disturbed?: { steps: number; of: number; mostShare: number };
  /** By rate, lowest first: each rate that was tried. Figures are of its trials that count together; of all, where none counts. */
  curve: CurvePoint[];
}

/** One rate of a search. */
export interface CurvePoint {
  offeredPerSecond: number;
  achievedPerSecond: number;
  trials: number;
  /** Of the trials: those that were not sustained, and those that were connstorm's own fault. */
  bad: number;
  invalid: number;
  /** Trials that say nothing of the rate: held up, or disturbed by others; absent: none. */
  unsure?: number;
  /**
   * Trials other than the invalid ones that connstorm was late in: their counts are right, their latencies are not. Their steps are
   * invalid. Absent: none.
   */
  late?: number;
  /** Of the trials that connstorm was not late in, where there are any; else `atMost` names the figures that hold its own time. */
  latency: MetricSummary;
  /** null where the end of spawn was not seen. */
  spawnP50Us: number | null;
  /** Connections in flight, mean and most; null without samples. */
  inFlightMean: number | null;
  inFlightMost: number | null;
}

export const CAUSES = [
  'postmaster',
  'host-cpu',
  'connection-limit',
  'accept-queue',
  'auth',
  'tls',
  'pooler',
  'network',
  'generator',
  'none',
  'unknown',
] as const;
export type Cause = (typeof CAUSES)[number];

/** What gives out, and how one knows. */
export interface Bottleneck {
  cause: Cause;
  /**
   * `proven`: what gave out shows it itself: the host, a refusal's own words, a pooler's process, connstorm's own samples.
   * `inferred`: from the canary and from where latency grew.
   */
  confidence: 'proven' | 'inferred' | 'unknown';
  /** Of the load that was not sustained; what was measured in calm stands in the text. */
  evidence: { text: string; value: number; unit: string }[];
  /** What speaks against it without refuting it; absent: nothing. */
  against?: { text: string; value: number; unit: string }[];
  /** What would have had to be seen to say more; absent: nothing. */
  missing?: string[];
  /** What would help, a line each; absent: nothing is known. */
  advice?: string[];
}

/** One round of a variant, by itself: the unit of statistics between variants. */
export interface RoundSummary {
  round: number;
  seed: number;
  /** `interrupted`: the file was cut off in it. */
  stoppedBy: StoppedBy | 'interrupted';
  /** How long its load came before it and was not measured; absent: not at all. */
  warmedUs?: number;
  validity: Validity;
  accounting: Accounting;
  /** A metric that nothing was measured for is left out. */
  metrics: Partial<Record<SummaryMetric, MetricSummary>>;
}

/** One variant, its rounds merged: the fields of a run's summary. */
export interface VariantSummary
  extends Omit<
    SummaryRecord,
    | 'type'
    | 'version'
    | 'connstorm'
    | 'scenario'
    | 'exitCode'
    | 'variants'
    | 'comparison'
    | 'budgets'
  > {
  /**
   * It is invalid by lateness alone, which did not change its load: its own times are not to be trusted, and the comparison allows for
   * that. So the run is valid all the same. Absent: it is valid, or it makes the run invalid.
   */
  lateOnly?: true;
  /** CPU time of connstorm's process, all threads and everything that they did, by attempts; null without either. */
  cpuPerConnectUs: number | null;
  roundsPlanned: number;
  /** Those that were begun. */
  rounds: RoundSummary[];
}

/** The derived record of a run of variants. What is not told of all of them together is null. */
export interface VariantsSummaryRecord
  extends Pick<
    SummaryRecord,
    | 'type'
    | 'version'
    | 'connstorm'
    | 'scenario'
    | 'exitCode'
    | 'stoppedBy'
    | 'reason'
    | 'validity'
    | 'accounting'
    | 'connections'
    | 'errors'
    | 'capacity'
    | 'bottleneck'
    | 'comparison'
    | 'budgets'
  > {
  metrics: null;
  variants: Record<string, VariantSummary>;
}

export type AnySummary = SummaryRecord | VariantsSummaryRecord;
