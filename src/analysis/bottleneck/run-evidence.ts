import type { Capacity } from '../../result/records/capacity.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { FoldedStep } from '../folded-step.ts';
import type { JudgedStep } from '../search/outcome.ts';
import type { ProbeLog } from './probe-log.ts';

/** A step with the tally of its attempts. */
export type Tallied = Pick<FoldedStep, 'record' | 'tally'>;

/** Everything in a run's records that shows what gave out. Times are since T0 of the run or leg. */
export interface RunEvidence {
  steps: readonly Tallied[];
  /** End of arrivals, for each leg that the steps contain. */
  ranUntilUs: readonly number[];
  probes: ProbeLog;
  errors: readonly ErrorCount[];
  target: Pick<HeaderRecord['target'], 'server'>;
  /** Reasons why the run's figures cannot be trusted. */
  reasons: readonly Reason[];
  /** undefined: the run was no search. `steps`: the steps that have ended, from the first on. */
  search: { capacity: Capacity; steps: readonly JudgedStep[] } | undefined;
}

/** A step with the search's verdict on it. */
export interface Judged extends Tallied {
  outcome?: JudgedStep;
}
