import type { MetricSummary, Reason } from '../../result/records/summary-figures.ts';
import type { StepRole } from '../../scenario/plan/search-settings.ts';
import type { HostShares } from '../validity/host-shares.ts';

/** A time in which connects proved that the target was down. Times are in microseconds since T0. */
export interface Outage {
  /** Begin of the first and end of the last interval with such a connect. */
  fromUs: number;
  toUs: number;
  /** Number of those connects. */
  failed: number;
  /** Their most frequent failures as text. */
  signs: string;
}

/** Result of one step of a search. */
export interface StepOutcome {
  role: StepRole;
  /** Middle of the measured part, in microseconds since T0. */
  atUs: number;
  /** Arrivals per second; in a taste or a control, the number of clients. */
  level: number;
  /** From all arrivals, dropped ones included. */
  offeredPerSecond: number;
  /** Ok attempts that became ready in the measured part, per second. */
  achievedPerSecond: number;
  /** Number of attempts. */
  started: number;
  dropped: number;
  /**
   * Failed attempts: by timeout; refused because no slot was free; by any other reason except this machine's own
   * limits.
   */
  timedOut: number;
  refused: number;
  broken: number;
  /** The most frequent refusal, and the most frequent other failure. */
  refusal?: string;
  breakage?: string;
  /** Connections in flight, in even samples over the measured part. */
  inFlight: readonly number[];
  latency: MetricSummary;
  lateness: MetricSummary;
  /** Length of the measured part. */
  measuredUs: number;
  /** Share of the host's CPU that connstorm took; null: not known. */
  ownCpuShare: number | null;
  /** Shares of the host's CPU meanwhile, by stretch; absent: the host is not seen. */
  host?: readonly HostShares[];
  /** Reason why the kill switch ended the step early: the target was too slow for other clients. Absent: it did not. */
  endedBy?: string;
  /**
   * Moment at which the target last served as it should, in microseconds since T0. After it, connects failed for other
   * reasons than slots and timeouts, or the kill switch ended the step and the target did not recover. Absent: neither
   * happened.
   */
  failingFromUs?: number;
  /** Absent: no connect proved that the target was down. */
  outage?: Outage;
  /** Whether an attempt of the step was ok. */
  served: boolean;
  /** Whether the first failure as in `broken` came in the step's last interval, or after its end. */
  isBrokenAtEnd: boolean;
  /** Reason why the target counts as gone: it did not recover in time. Absent: it did. */
  gone?: string;
  /** Reasons why the figures cannot be trusted; empty if they can. */
  reasons: readonly Reason[];
}

/**
 * `good`: the rate was sustained. `bad`: it was not, because of the target. `held-up`: less was achieved, but nothing
 * piled up steadily, so the step shows nothing about the rate. `wall`: the target refused connects because no slot was
 * free. `invalid`: the fault is connstorm's own. `broken`: the target no longer accepts connections. `down`: the target
 * was down or restarting for a part of the step, or may have been, so the step shows nothing about the rate.
 */
export type StepVerdict = 'good' | 'bad' | 'held-up' | 'wall' | 'invalid' | 'broken' | 'down';

export interface JudgedStep extends StepOutcome {
  verdict: StepVerdict;
  /** The reason for the verdict as one line, with its numbers. */
  because: string;
  /**
   * Share of the host's CPU that others took from the target, 0 to 1; absent: they took little, or the host is not
   * seen.
   */
  takenShare?: number;
}
