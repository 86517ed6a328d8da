/** Records of what happened in about a second. Times are integer microseconds since T0. */

import type { CrowdRecord } from '../../model/crowd.ts';
import type {
  Accounting,
  ConnectionAccounting,
  HostActivity,
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
import type { RecoveryRecord } from '../../model/recovery.ts';

/** Outcomes in one interval, among the arrivals of one step. All figures are differences, not totals. */
export interface StepInterval {
  step: number;
  counts: Omit<Accounting, 'inFlight' | 'passedOn'>;
  /**
   * Ok attempts, of whichever step, that became ready within this step's own window. The step's achieved rate comes
   * from them.
   */
  completed: number;
  /**
   * Moment at which the last of the step's arrivals (or sessions, without reconnects) was connected; absent: none was.
   */
  lastConnectedUs?: number;
  /**
   * Part of `failed`: attempts that ended by a timeout, and after which no further host was tried. They are censored,
   * so they are not known to be slower than any other.
   */
  timedOut: number;
  /** Part of `failed`: failures of layer `local`, by code. The limits of this machine make a step invalid. */
  localFailures: Record<string, number>;
  connections: Omit<ConnectionAccounting, 'open'>;
  /** Number of ok attempts, by the boundary of their spawn. */
  boundaries: Partial<Record<Boundary, number>>;
  /**
   * `told`: ok attempts whose server reported its own times (the count for serverSetup, serverFork, serverAuth and
   * queueWait). `sampled`: backends that reported their age (for queueWaitEstimate). `older`: reports of either kind
   * that are left out because the server had begun to count before the attempt began; absent: 0. The field is absent if
   * there are none.
   */
  serverTimes?: { told: number; sampled: number; older?: number };
  /** Only where clients choose their host at each connect: the hosts for which something happened. */
  hosts?: HostActivity[];
  /** Absent if there are none. */
  sessions?: Omit<SessionAccounting, 'waiting'>;
  histograms: Partial<Record<Metric, EncodedHistogram>>;
}

export interface ErrorCount extends Failure {
  /** The message with numbers and ids replaced. Failures with the same text are counted together. */
  normalised: string;
  count: number;
  /** `attempt`: before ReadyForQuery. `connection`: after it, which is a ledger of its own. */
  ledger: 'attempt' | 'connection';
}

/**
 * One ok attempt with all its parts. Times are microseconds, `scheduledUs` since T0. A phase that the attempt did not
 * have is absent.
 */
export interface SlowAttempt {
  step: number;
  index: number;
  scheduledUs: number;
  latencyUs: number;
  latenessUs: number;
  /** Time that tries at earlier hosts of the same connect took; absent: there were none. */
  earlierHostsUs?: number;
  phases: Partial<Record<AttemptPhase, number>>;
  /** Only if the server reported its own times: their total, and the wait before them. */
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
  /** Sessions that had not ended at `toUs`; absent: none. */
  waiting?: number;
  /** Longest row of failed attempts without an ok one in between, counted on from the interval before; absent: 0. */
  failedInARow?: number;
  /** Sessions that came back, or ended, in this interval; absent: none. */
  reconnects?: ReconnectStorm[];
  /** Attempts in flight about ten times a second, in order of time: at most ten values. */
  inFlightSamples?: number[];
  /**
   * Numbers of attempts in flight when others began, for the attempts for which they are known by now. Absent in older
   * files, and in a search.
   */
  crowd?: CrowdRecord;
  /**
   * From what recovery is computed. In a run with events each interval has it; in a run whose clients reconnect, each
   * from the first cut on, and the first one holds what came in the minute before. Absent otherwise.
   */
  recovery?: RecoveryRecord;
  /** Only steps for which something happened. */
  steps: StepInterval[];
  errors: ErrorCount[];
  /** Notices of the server or a pooler during logins and first queries; absent: none. */
  notices?: NoticeCount[];
  /** The slowest ok attempts that ended in the interval, slowest first. Their number is limited. */
  slowest: SlowAttempt[];
}
