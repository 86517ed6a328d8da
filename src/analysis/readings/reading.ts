import type { RoundSummary, SummaryRecord } from '../../result/records/summary-records.ts';
import type { JudgedMetric } from '../../scenario/figure.ts';

/** A run or one of its variants, with what its figures are read from. */
export interface JudgedRun {
  /** undefined: a run without variants. */
  name: string | undefined;
  summary: Pick<
    SummaryRecord,
    | 'stoppedBy'
    | 'reason'
    | 'validity'
    | 'steps'
    | 'accounting'
    | 'connections'
    | 'metrics'
    | 'capacity'
    | 'sessions'
    | 'warnings'
    | 'crowd'
    | 'rates'
    | 'cost'
    | 'recovery'
    | 'background'
    | 'events'
    | 'errors'
  > & {
    /** CPU time of connstorm's process; null: not known; absent: not measured. */
    cpuPerConnectUs?: number | null;
    rounds?: readonly Pick<RoundSummary, 'stoppedBy' | 'accounting'>[];
    roundsPlanned?: number;
  };
  /** Number of queries or statements that each connection sends; absent: none. */
  asks?: number;
  /** Returns the `rank`-th smallest measured value of a metric that has at least so many, in microseconds. */
  values: { valueAtRank(metric: JudgedMetric, rank: number): number };
}

/**
 * A measured figure. It lies between `low` (-Infinity: not known) and `high` (Infinity: not known). `of`: number of
 * attempts, connections or sessions. `reason`: why it is not known more exactly. `note`: what a sentence must say
 * beside it. null: nothing was measured.
 */
export type Reading = {
  low: number;
  high: number;
  of?: number;
  reason?: string;
  note?: string;
} | null;

/** Returns a figure that is known exactly; null if it was not measured. */
export function exactly(value: number | null | undefined, of?: number): Reading {
  if (value === null || value === undefined) return null;
  return { low: value, high: value, ...(of === undefined ? {} : { of }) };
}
