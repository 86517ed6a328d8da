/** The summary, which is derived from the other records. Times are integer microseconds. */

import type { CrowdRecord } from '../../model/crowd.ts';
import type { Accounting, ConnectionAccounting, HostActivity } from '../../model/ledgers.ts';
import type { AttemptPhase, Boundary, SummaryMetric } from '../../model/measures.ts';
import type { NoticeCount } from '../../model/notices.ts';
import type { FigureUnit } from '../../scenario/named-figure.ts';
import type { Answer } from './answer.ts';
import type { BackgroundSummary } from './background.ts';
import type { Bottleneck } from './bottleneck.ts';
import type { Capacity } from './capacity.ts';
import type { Comparison } from './comparison.ts';
import type { EndRecord, OwnUse, StoppedBy } from './end.ts';
import type { EventSummary } from './events.ts';
import type { ErrorCount } from './intervals.ts';
import type { RecoverySummary } from './recovery.ts';
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

/** Summary of a lone run. Readers compute it anew. It has the version that computed it. */
export interface SummaryRecord {
  type: 'summary';
  version: 1;
  connstorm: string;
  scenario: string;
  exitCode: number;
  /** `interrupted`: the file has no end record, because connstorm died. */
  stoppedBy: StoppedBy | 'interrupted';
  reason?: string;
  validity: Validity;
  accounting: Accounting;
  connections: ConnectionAccounting;
  /** Attempts by host, in the order of the target; absent unless clients choose their host at each connect. */
  hosts?: HostSummary[];
  /** Absent without sessions. */
  sessions?: SessionSummary;
  /** Metrics without a measurement are absent. */
  metrics: Partial<Record<SummaryMetric, MetricSummary>>;
  boundaries: Partial<Record<Boundary, number>>;
  errors: ErrorCount[];
  /** Notices of the server or a pooler during logins and first queries; absent: none. */
  notices?: NoticeCount[];
  /** Offered and achieved rates over the part of the planned time that has run. */
  rates: { windowUs: number; offeredPerSecond: number; achievedPerSecond: number };
  steps: StepSummary[];
  /** Windows of equal length of a load with one step. Absent: the load has several steps, or was too short. */
  windows?: WindowSummary[];
  /** Time of the slowest 1 % of the ok attempts, by part: mean microseconds; null without ok attempts. */
  slowest: {
    /** `count`: number of attempts in the 1 %. `kept`: number of them that were recorded with their parts. */
    count: number;
    kept: number;
    fromUs: number;
    meanUs: { lateness: number; earlierHosts?: number } & Partial<Record<AttemptPhase, number>>;
  } | null;
  /** connstorm's own share of the host's CPU, and the host's busy share; null without samples. */
  generator: {
    cpuShare: number;
    hostBusyShare: number;
    /**
     * Mean utilisation of the busiest worker's event loop, 0 to 1, and the longest delay of a loop at a timer. A loop
     * that waits for a CPU counts as utilised.
     */
    workerUtilisation?: number;
    longestLoopDelayUs?: number;
    /**
     * Share of the time that a worker waited for a CPU, of the worker that waited most; absent: the system does not
     * report it.
     */
    cpuWaitShare?: number;
    /** Share of the time in which the process was stopped, beyond what steal explains; absent: it was not. */
    stoppedShare?: number;
  } | null;
  /** Events that were begun, in the order of their rounds and times; absent: none. */
  events?: EventSummary[];
  /** How the target came through each event, and each cut of several sessions; absent: there was none. */
  recovery?: RecoverySummary[];
  /** Findings that made no figure invalid but may the next time; absent: none. */
  warnings?: Reason[];
  scram?: Omit<NonNullable<EndRecord['scram']>, 'waits' | 'alone'> & {
    waits?: MetricSummary;
    alone?: MetricSummary;
  };
  /**
   * Numbers of attempts in flight when others began; absent in a closed loop, in a search, and with an older file that
   * lacks them.
   */
  crowd?: CrowdRecord;
  /** Absent: no probe watched the target during the load. */
  cost?: Cost;
  /**
   * Sessions that connstorm opened for itself, by host. With those of the load (`ok`) and of `background` they are all
   * that a server saw of connstorm, apart from warm-ups and tastes. Absent: there were none, or an older file.
   */
  ownSessions?: OwnSessionsSummary[];
  /** What the kill switch saw; absent: it did not watch. */
  watch?: WatchSummary;
  /** Activities beside the load; absent: there were none. */
  background?: BackgroundSummary[];
  /** null: the run was no search. */
  capacity: Capacity | null;
  /** null: there are no data to find it by. */
  bottleneck: Bottleneck | null;
  variants: Record<string, never>;
  comparison: Comparison[];
  budgets: BudgetResult[];
  /** Absent: the scenario asks nothing. */
  answer?: Answer;
}

/** Attempts at one host. The moments are absent if there are several rounds, which each have their own T0. */
export interface HostSummary extends HostActivity {
  /** `db:5432`, or the path of a Unix socket. */
  name: string;
}

/** connstorm's own sessions at one host, over all rounds. */
export interface OwnSessionsSummary {
  /** `db:5432`, or the path of a Unix socket. */
  name: string;
  /** Before the load, to look at the server. 0 also if another variant of the same target has counted them. */
  before: number;
  /** Beside the load, by use. */
  beside: Partial<Record<OwnUse, number>>;
}

/** Result of a budget. One that is not judged has not passed either. */
export interface BudgetResult {
  /** The budget as it was written. If it is for one variant of several, it names that variant. */
  budget: string;
  verdict: 'pass' | 'fail' | 'not-judged';
  /** Unit of `bound`, `low` and `high`. */
  unit: FigureUnit;
  /** null: this version of connstorm does not know the budget. */
  bound: number | null;
  /**
   * The measured value lies between the two. null: it has no known bound on that side. Both null: no measurement
   * counts.
   */
  low: number | null;
  high: number | null;
  /** Number of attempts, arrivals, connections or sessions that it rests on; absent: it rests on none. */
  of?: number;
  /** Reason why it was not judged; for a budget that fails, what else speaks against the run. */
  reason?: string;
}

/** One round of a variant. Rounds are the unit of statistics between variants. */
export interface RoundSummary {
  round: number;
  seed: number;
  /** `interrupted`: the file was cut off during the round. */
  stoppedBy: StoppedBy | 'interrupted';
  /** Length of its warm-up; absent: none. */
  warmedUs?: number;
  validity: Validity;
  /**
   * True: connstorm was stopped for so much of the round that it is invalid, whatever the target did. Absent: it was
   * not.
   */
  stopped?: true;
  accounting: Accounting;
  /** Metrics without a measurement are absent. */
  metrics: Partial<Record<SummaryMetric, MetricSummary>>;
  /** Events that were begun in it; absent: none. */
  events?: EventSummary[];
  /** How the target came through each event, and each cut of several sessions; absent: there was none. */
  recovery?: RecoverySummary[];
  /** As in the summary of a run. */
  crowd?: CrowdRecord;
}

/** One variant with its rounds merged. It has the fields of a run's summary. */
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
    | 'answer'
  > {
  /**
   * True: it is invalid only because connstorm was late, which did not change its load. Its own times cannot be
   * trusted, but the comparison allows for that, so the run is valid. Absent: it is valid, or it makes the run invalid.
   */
  lateOnly?: true;
  /**
   * True: it is invalid because its figures hold rounds that the comparison leaves out, and the other rounds are enough
   * for a comparison. So the run is valid. Absent: it is valid, or only late, or it makes the run invalid.
   */
  leftOutOnly?: true;
  /** CPU time of connstorm's process (all threads, all work) divided by attempts; null if either is missing. */
  cpuPerConnectUs: number | null;
  roundsPlanned: number;
  /** Rounds that were begun. */
  rounds: RoundSummary[];
}

/** Summary of a run of variants. Figures that do not exist for all variants together are null. */
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
    | 'answer'
  > {
  metrics: null;
  variants: Record<string, VariantSummary>;
}

export type AnySummary = SummaryRecord | VariantsSummaryRecord;
