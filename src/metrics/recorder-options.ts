import type { RecoveryNeed } from './recovery/recovery-meter.ts';
import type { RecordedStep } from './step-windows.ts';

export interface RecorderOptions {
  steps: readonly RecordedStep[];
  /**
   * Longest time in which a session counts as connected within the goal, in microseconds; undefined: there is no goal.
   */
  goalUs?: number | undefined;
  /** What makes a connect complete; `ready` by default. */
  completes?: Completion;
  /** Whether connections are recorded as usable. Intervals then have histograms of it, even without a value. */
  tellsUsable?: boolean;
  /** Whether to record how many others were in flight when an attempt began. True by default. */
  metersCrowds?: boolean;
  /** Whether attempts are counted by host. False by default. */
  countsHosts?: boolean;
  /** Absent: nothing is recorded that only recovery is computed from. */
  recovery?: RecoveryNeed | undefined;
  intervalUs?: number;
  /** Number of slow attempts that an interval keeps whole. */
  slowestKept?: number;
}

/**
 * What makes a connect complete; it is in flight until then. A search whose connections send statements waits for their
 * answers, because a pooler makes more clients ready than its server can serve.
 */
export type Completion = 'ready' | 'firstQuery' | 'usable';
