import type { SearchSettings } from '../../scenario/plan/search-settings.ts';
import { formatRate, formatShare, formatSpan } from '../text/format.ts';

/** Returns how a search proceeds, from the settings of its scenario. */
export function describeSearch(search: SearchSettings): string {
  const { startRatePerSecond, growth, stepUs, maxRatePerSecond } = search;
  const { tolerance, latencyGoalUs, maxDurationUs } = search;
  const start = startRatePerSecond === undefined ? '' : ` from ${formatRate(startRatePerSecond)}`;
  const most = maxRatePerSecond === undefined ? '' : ` to at most ${formatRate(maxRatePerSecond)}`;
  const goal =
    latencyGoalUs === undefined ? '' : `, p99 of latency within ${formatSpan(latencyGoalUs)}`;
  return [
    `steps of ${formatSpan(stepUs)}${start}${most}, each at ${growth} times the rate before`,
    `, then trials until the interval is ${formatShare(tolerance)} wide${goal}`,
    `, in at most ${formatSpan(maxDurationUs)}`,
  ].join('');
}
