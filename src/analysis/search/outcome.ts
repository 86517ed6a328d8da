import type { MetricSummary, Reason } from '../../result/records/summary-figures.ts';
import type { StepRole } from '../../scenario/plan/search-settings.ts';
import type { HostShares } from '../validity/host-shares.ts';

/** What came of one step of a search. */
export interface StepOutcome {
  role: StepRole;
  /** The middle of the part that is measured, in microseconds since T0. */
  atUs: number;
  /** Arrivals a second; of a taste clients. */
  level: number;
  /** Of arrivals, dropped ones too. */
  offeredPerSecond: number;
  /** Ok attempts that became ready in the part that is measured, by its length. */
  achievedPerSecond: number;
  /** Attempts. */
  started: number;
  dropped: number;
  /** Of the failed ones: by timeout, refused for want of slots, and for any other reason but this machine's own limits. */
  timedOut: number;
  refused: number;
  broken: number;
  /** What most of the refused, or broken, were told. */
  refusal?: string;
  breakage?: string;
  /** Connections in flight, evenly over the part that is measured. */
  inFlight: readonly number[];
  latency: MetricSummary;
  lateness: MetricSummary;
  /** Length of the part that is measured. */
  measuredUs: number;
  /** Share of the host's CPU that connstorm took; null where that is not known. */
  ownCpuShare: number | null;
  /** How the host's CPU was shared meanwhile, stretch by stretch; absent where the host is not seen. */
  host?: readonly HostShares[];
  /** The kill switch ended it early, as the target was too slow to others: why; absent: it did not. */
  endedBy?: string;
  /**
   * When the target was last as it should be, in microseconds since T0: until connects failed for other reasons than slots and patience, or
   * until the kill switch ended a step after which the target did not recover. Absent: neither was so.
   */
  failingFromUs?: number;
  /** Why it counts as gone: it was not in time again; absent: it was. */
  gone?: string;
  /** Why its figures cannot be trusted; empty when they can. */
  reasons: readonly Reason[];
}

/**
 * `good`: the rate was sustained. `bad`: it was not, and the target is to blame. `held-up`: less was achieved, but nothing piled
 * up steadily, so that this says nothing of the rate. `wall`: the target refused connects because no slot was free.
 * `invalid`: connstorm is to blame. `broken`: the target does not take connections any more.
 */
export type StepVerdict = 'good' | 'bad' | 'held-up' | 'wall' | 'invalid' | 'broken';

export interface JudgedStep extends StepOutcome {
  verdict: StepVerdict;
  /** Why, in a line with its numbers. */
  because: string;
  /** The share of the host's CPU that others took from it, 0 to 1; absent where they took little, or the host is not seen. */
  takenShare?: number;
}
