/** What happened in a second. Times are integer microseconds since T0. */

import type { CrowdRecord } from '../../model/crowd.ts';
import type {
  Accounting,
  ConnectionAccounting,
  ReconnectStorm,
  SessionAccounting,
} from '../../model/ledgers.ts';
import type {
  AttemptPhase,
  Boundary,
  EncodedHistogram,
  Failure,
  Metric,
} from '../../model/measures.ts';
import type { NoticeCount } from '../../model/notices.ts';

/** What ended in one interval among the arrivals of one step; all figures are differences, not totals. */
export interface StepInterval {
  step: number;
  counts: Omit<Accounting, 'inFlight'>;
  /** ok attempts, of whichever step, that became ready within this step's own window of time: what it achieved. */
  completed: number;
  /** When the latest of the step's arrivals (or sessions, without reconnects) was connected; absent where none was. */
  lastConnectedUs?: number;
  /** Of `failed`: those that ended by timeout (they are censored, not known to be slower than anything). */
  timedOut: number;
  /** Of `failed`: those of layer `local`, by code; this machine's own limits make a step invalid. */
  localFailures: Record<string, number>;
  connections: Omit<ConnectionAccounting, 'open'>;
  /** Ok attempts by the boundary of their spawn. */
  boundaries: Partial<Record<Boundary, number>>;
  /**
   * Ok attempts whose server told its own times (the counter of serverSetup, serverFork, serverAuth and queueWait), and
   * backends that told their age (of queueWaitEstimate). `older`: what was told of neither kind, because the server had
   * begun to count before the attempt began; absent: 0. Left out where there are none.
   */
  serverTimes?: { told: number; sampled: number; older?: number };
  /** Left out where there are none. */
  sessions?: Omit<SessionAccounting, 'waiting'>;
  histograms: Partial<Record<Metric, EncodedHistogram>>;
}

export interface ErrorCount extends Failure {
  /** What makes two failures the same: the message with numbers and ids replaced. */
  normalised: string;
  count: number;
  /** `attempt`: before ReadyForQuery; `connection`: after it (its own ledger). */
  ledger: 'attempt' | 'connection';
}

/** One ok attempt, whole: scheduled at `scheduledUs`, its pieces in microseconds; an absent phase is left out. */
export interface SlowAttempt {
  step: number;
  index: number;
  scheduledUs: number;
  latencyUs: number;
  latenessUs: number;
  phases: Partial<Record<AttemptPhase, number>>;
  /** Where the server told its own times: its total, and the wait before it. */
  serverSetupUs?: number;
  queueWaitUs?: number;
}

export interface IntervalRecord {
  type: 'interval';
  fromUs: number;
  toUs: number;
  /** At `toUs`. */
  inFlight: number;
  open: number;
  /** Sessions that are not over, at `toUs`; absent where there are none. */
  waiting?: number;
  /** The most attempts that failed with no ok one in between, counted on from the interval before; absent: 0. */
  failedInARow?: number;
  /** Of the sessions that were back, or over, in this interval; absent where there are none. */
  reconnects?: ReconnectStorm[];
  /** Attempts in flight, about ten times a second, in the order of time: at most ten. */
  inFlightSamples?: number[];
  /** How crowded it was when attempts began, of those that this is known of by now; absent in older files, and in a search. */
  crowd?: CrowdRecord;
  /** Only the steps with something to tell. */
  steps: StepInterval[];
  errors: ErrorCount[];
  /** What the server or a pooler said beside its answers, in logins and first queries; absent where it said nothing. */
  notices?: NoticeCount[];
  /** The slowest ok attempts that ended in the interval, slowest first; bounded. */
  slowest: SlowAttempt[];
}
