import type { SearchRecord } from '../result/header.ts';
import type { SearchPlan } from '../scenario/search.ts';

/** What a result file tells of how a search goes: all that its decisions depend on. */
export function describeSearch(search: SearchPlan): SearchRecord {
  const { startRatePerSecond, maxRatePerSecond, latencyGoalUs } = search;
  const { growth, stepUs, tolerance, trials, maxDurationUs } = search;
  return {
    ...(startRatePerSecond === undefined ? {} : { startRatePerSecond }),
    growth,
    stepUs,
    ...(maxRatePerSecond === undefined ? {} : { maxRatePerSecond }),
    tolerance,
    trials,
    ...(latencyGoalUs === undefined ? {} : { latencyGoalUs }),
    maxDurationUs,
  };
}
