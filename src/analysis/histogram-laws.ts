import type { Metric } from '../result/records.ts';
import type { Tally } from './tally.ts';

/** The counter that a histogram's count equals. */
const COUNTER_OF = {
  latency: ({ counts }) => counts.ok,
  serviceTime: ({ counts }) => counts.ok,
  lateness: ({ counts }) => counts.due,
  failedLatency: ({ counts }) => counts.failed,
  censoredLatency: ({ counts, timedOut }) => timedOut + counts.cancelled,
  censoredServiceTime: ({ counts, timedOut }) => timedOut + counts.cancelled,
} satisfies Partial<Record<Metric, (tally: Tally) => number>>;

/** The histograms that do not hold what their counter says, one sentence each. */
export function checkHistograms(tally: Tally): string[] {
  const metrics = Object.keys(COUNTER_OF) as (keyof typeof COUNTER_OF)[];
  return metrics.flatMap((metric) => {
    const { count } = tally.histogram(metric);
    const expected = COUNTER_OF[metric](tally);
    return count === expected ? [] : [`${metric} has ${count} values, not ${expected}`];
  });
}
