/** What is derived from records: the summary. Times are integer microseconds. */

import type { CrowdRecord } from '../../model/crowd.ts';
import type { Accounting, ConnectionAccounting } from '../../model/ledgers.ts';
import type { AttemptPhase, Boundary, SummaryMetric } from '../../model/measures.ts';
import type { NoticeCount } from '../../model/notices.ts';
import type { BudgetUnit } from '../../scenario/budget.ts';
import type { Bottleneck } from './bottleneck.ts';
import type { Capacity } from './capacity.ts';
import type { Comparison } from './comparison.ts';
import type { EndRecord, StoppedBy } from './end.ts';
import type { ErrorCount } from './intervals.ts';
import type {
  Cost,
  MetricSummary,
  Reason,
  SessionSummary,
  StepSummary,
  Validity,
  WatchSummary,
  WindowSummary,
} from './summary-figures.ts';

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
    /** For what share of the time the process was stopped, beyond what steal explains; absent: it was not. */
    stoppedShare?: number;
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

/** One round of a variant, by itself: the unit of statistics between variants. */
export interface RoundSummary {
  round: number;
  seed: number;
  /** `interrupted`: the file was cut off in it. */
  stoppedBy: StoppedBy | 'interrupted';
  /** How long its load came before it and was not measured; absent: not at all. */
  warmedUs?: number;
  validity: Validity;
  /** connstorm was stopped for so much of it that it is invalid, whatever the target did. Absent: it was not. */
  stopped?: true;
  accounting: Accounting;
  /** A metric that nothing was measured for is left out. */
  metrics: Partial<Record<SummaryMetric, MetricSummary>>;
  /** As in the summary of a run. */
  crowd?: CrowdRecord;
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
  /**
   * It is invalid because its figures hold rounds that the comparison leaves out; the others are enough for a comparison. So the run is
   * valid all the same. Absent: it is valid, or late alone, or it makes the run invalid.
   */
  leftOutOnly?: true;
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
