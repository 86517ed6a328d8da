import type { Capacity } from '../../result/records/capacity.ts';
import type { HeaderRecord } from '../../result/records/header.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { FoldedStep } from '../folded-step.ts';
import type { JudgedStep } from '../search/outcome.ts';
import type { ProbeLog } from './probe-log.ts';

/** A step with what became of its attempts. */
export type Tallied = Pick<FoldedStep, 'record' | 'tally'>;

/** All that a run's records tell of what gave out. Times are since T0 of the run or leg. */
export interface RunEvidence {
  steps: readonly Tallied[];
  /** Until when arrivals came, of each pass through the plan that the steps hold. */
  ranUntilUs: readonly number[];
  probes: ProbeLog;
  errors: readonly ErrorCount[];
  target: Pick<HeaderRecord['target'], 'server'>;
  /** Why the run's figures cannot be trusted. */
  reasons: readonly Reason[];
  /** undefined: nothing was searched for. `steps`: those that are over, from the first on. */
  search: { capacity: Capacity; steps: readonly JudgedStep[] } | undefined;
}

/** A step, and what a search says of it. */
export interface Judged extends Tallied {
  outcome?: JudgedStep;
}
