import { expect } from 'vitest';
import type { Metric } from '../../src/model/measures.ts';
import type { IntervalRecord, SlowAttempt } from '../../src/result/records/intervals.ts';
import type { MetricSummary } from '../../src/result/records/summary-figures.ts';
import type { Storm } from './run-storm.ts';

/** What tests of whole storms look at. */

export function metricsOf({
  summary,
}: Pick<Storm, 'summary'>): Partial<Record<Metric, MetricSummary>> {
  return summary.metrics;
}

/** What makes a run invalid where a machine has no CPU for us, though its servers are slow. */
export const MACHINES = [
  'GENERATOR_STARVED',
  'GENERATOR_STOPPED',
  'HOST_STOLEN',
  'LATE_GENERATOR',
  'WORKER_SATURATED',
];

/** The accounting laws hold; whether connstorm was late is the machine's business. */
export function expectCountsAgree({ validity }: Storm['summary']): void {
  expect(validity.reasons.map(({ code }) => code)).not.toContain('ACCOUNTING');
}

/** Of a time limit: no machine is so busy, and nothing else here takes so long. */
export const MUCH_LATER_US = 5_000_000;

/** The known delay is in it, and nothing but that: from below by the median, from above by the shortest. */
export function expectDelay(
  metric: MetricSummary | undefined,
  lowUs: number,
  highUs: number,
): void {
  expect(metric?.p50Us).toBeGreaterThanOrEqual(lowUs);
  expectWithin(metric?.minUs, 0, highUs);
}

export function expectWithin(value: number | null | undefined, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

/** The attempts that were kept whole, by their index: the hundred slowest of every interval. */
export function attemptsOf(intervals: IntervalRecord[]): SlowAttempt[] {
  return intervals.flatMap(({ slowest }) => slowest).sort((a, b) => a.index - b.index);
}
