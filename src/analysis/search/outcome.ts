import type { MetricSummary, Reason } from '../../result/summary-records.ts';
import type { StepRole } from '../../scenario/search-settings.ts';

/** What came of one step of a search. */
export interface StepOutcome {
  role: StepRole;
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
  /** The kill switch ended it early, as the target was too slow to others: why; absent: it did not. */
  endedBy?: string;
  /** Why it counts as gone: it was not in time again; absent: it was. */
  gone?: string;
  /** Why its figures cannot be trusted; empty when they can. */
  reasons: readonly Reason[];
}

/**
 * `good`: sustained. `bad`: not, and the target is to blame. `wall`: refused for want of slots. `invalid`: connstorm's own
 * fault. `broken`: the target does not take connections any more.
 */
export type StepVerdict = 'good' | 'bad' | 'wall' | 'invalid' | 'broken';

export interface JudgedStep extends StepOutcome {
  verdict: StepVerdict;
  /** Why, in a line with its numbers. */
  because: string;
}
