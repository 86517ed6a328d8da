import type { HeaderRecord, StepRecord } from '../result/records/header.ts';
import type { SummaryRecord } from '../result/records/summary-records.ts';
import { perSecond } from './figures/per-second.ts';
import type { PlanTallies } from './plan-tallies.ts';

export interface RanPlan {
  plan: Pick<HeaderRecord['plan'], 'search'>;
  tallies: Pick<PlanTallies, 'run' | 'steps'>;
  /** End of arrivals, by leg. */
  ranUntilUs: readonly number[];
}

/** Returns the offered and achieved rates, over the time in which arrivals came. */
export function summariseRates(ran: RanPlan): SummaryRecord['rates'] {
  const { run, steps } = ran.tallies;
  const windowUs = sumWindowUs(ran);
  const completed = steps.reduce((sum, { tally }) => sum + tally.completed, 0);
  return {
    windowUs,
    offeredPerSecond: perSecond(run.counts.due, windowUs),
    achievedPerSecond: perSecond(completed, sumMeasuredUs(ran) ?? windowUs),
  };
}

/** Returns the time in which arrivals came, over all legs; for a search, the time of its steps. */
export function sumWindowUs(ran: RanPlan): number {
  if (ran.plan.search !== undefined) return sumSteps(ran, ({ fromUs, toUs }) => [fromUs, toUs]);
  return ran.ranUntilUs.reduce((sum, us) => sum + us, 0);
}

/** Returns the length of the measured parts of a search's steps; undefined without a search. */
function sumMeasuredUs(ran: RanPlan): number | undefined {
  if (ran.plan.search === undefined) return undefined;
  return sumSteps(ran, ({ fromUs, toUs, measureFromUs = fromUs, measureToUs = toUs }) => [
    measureFromUs,
    measureToUs,
  ]);
}

/** Returns how much of the given part of each step has run, in sum. */
function sumSteps(
  { tallies, ranUntilUs }: RanPlan,
  partOf: (step: StepRecord) => [number, number],
): number {
  const untilUs = Math.max(0, ...ranUntilUs);
  return tallies.steps.reduce((sum, { record }) => {
    const [fromUs, toUs] = partOf(record);
    return sum + Math.max(0, Math.min(toUs, untilUs) - fromUs);
  }, 0);
}
