import { rankOf } from '../../model/histogram.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import type { RoundSummary } from '../../result/records/summary-records.ts';
import type { Aggregation, Figure, JudgedMetric } from '../../scenario/figure.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { FROM_SCHEDULE, isMerelyLate, isShortOfCpu } from '../validity/merely-late.ts';
import type { Measured } from './measured.ts';
import { findOwnDelay, NO_DELAY } from './own-delay.ts';
import type { Bounds } from './ratio.ts';

/** Of all attempts of these rounds, started or dropped, the share that has a value; null without any. */
export function findShare(rounds: readonly RoundSummary[], { metric }: Figure): number | null {
  const counts = rounds.map((round) => round.metrics[metric]?.count ?? 0);
  const tries = rounds
    .map((round) => countTries(round, metric))
    .reduce((sum, count) => sum + count, 0);
  return tries === 0 ? null : counts.reduce((sum, count) => sum + count, 0) / tries;
}

/**
 * What each round says of the figure; none where no round has the metric at all.
 *
 * A quantile is only a lower bound where the summary says so, and where fewer than its share of all attempts have a value: those that
 * were refused at once rank behind every one that was served, or refusing half of all clients would look fast. Where some were
 * refused and enough were not, it lies between that of those that have a value and the next one of them that surely ranks as high.
 * `isLate`: its share of lateness is not to be overlooked. `isShortOfCpu`: connstorm waited for a CPU over all rounds together.
 */
export function listValues(
  rounds: readonly RoundSummary[],
  figure: Figure,
  sideWide: { isLate?: boolean; isShortOfCpu?: boolean } = {},
): Bounds[] {
  const { metric } = figure;
  if (rounds.every((round) => round.metrics[metric] === undefined)) return [];
  return rounds.map((round) => readValue(round, figure, sideWide));
}

/** The same of one; from nothing to Infinity where it has no such value. */
export function readValue(
  round: Measured,
  { metric, aggregation }: Figure,
  sideWide: { isLate?: boolean; isShortOfCpu?: boolean } = {},
): Bounds {
  const { field } = QUANTILES[aggregation];
  const summary = round.metrics[metric];
  const us = summary?.[field] ?? null;
  if (summary === undefined || us === null) return { low: 0, high: Infinity };
  const highest = findHighest(summary, aggregation, countTries(round, metric));
  // Clocks tell microseconds: 0 is less than one.
  const high = Math.max(1, highest);
  const isShort = sideWide.isShortOfCpu === true || isShortOfCpu(round);
  const { tooLongUs, tooShortUs } = isShort
    ? findOwnDelay(round, { metric, aggregation })
    : NO_DELAY;
  const isLate = sideWide.isLate === true || isShort || isMerelyLate(round);
  const low =
    isLate && FROM_SCHEDULE.includes(metric)
      ? Math.min(high, takeOffLateness(round, { metric, aggregation }, us))
      : us === highest
        ? high
        : us;
  return { low: Math.max(0, low - tooLongUs), high: high + tooShortUs };
}

/** The quantile of all `tries` at most, those without a value behind all that have one; Infinity where nothing bounds it. */
function findHighest(summary: MetricSummary, aggregation: Aggregation, tries: number): number {
  const rank = rankOf(QUANTILES[aggregation].q, tries);
  const ranked = summary.count + (summary.censored ?? 0);
  if (summary.count < rank) return Infinity;
  const found = Object.values(QUANTILES).find(({ q }) => rankOf(q, ranked) >= rank);
  if (found === undefined || summary.atLeast?.includes(found.field) === true) return Infinity;
  return summary[found.field] ?? Infinity;
}

/** The same since the actual start, where it is recorded. */
const FROM_START: Partial<Record<JudgedMetric, JudgedMetric>> = {
  latency: 'serviceTime',
  firstQuery: 'firstQueryServiceTime',
  usable: 'usableServiceTime',
};

/**
 * What it was at least without our lateness: the same quantile since the start. Where that is not known: no quantile of sums is larger
 * than that of the one plus the largest of the other, and without lateness nothing is known.
 */
function takeOffLateness({ metrics }: Measured, { metric, aggregation }: Figure, us: number) {
  const fromStart = FROM_START[metric];
  const known = fromStart === undefined ? undefined : metrics[fromStart];
  const fromStartUs = known?.[QUANTILES[aggregation].field] ?? 0;
  return Math.max(fromStartUs, us - (metrics.lateness?.maxUs ?? Infinity));
}

/** Of sessions those that gave up are among the censored already, and a session has attempts of its own. */
export function countTries(round: Measured, metric: JudgedMetric): number {
  const { started, dropped } = round.accounting;
  if (metric === 'latency') return round.metrics.latency?.tries ?? started + dropped;
  if (metric !== 'sessionLatency') return started + dropped;
  const { count = 0, censored = 0 } = round.metrics.sessionLatency ?? {};
  return count + censored;
}

/** Whether lateness of ours, at the same quantile and in the median round, is more than `us` in a figure that counts from the schedule. */
export function isLateBeyond(
  rounds: readonly RoundSummary[],
  { metric, aggregation }: Figure,
  us: number,
): boolean {
  if (!FROM_SCHEDULE.includes(metric)) return false;
  const { field } = QUANTILES[aggregation];
  const lateness = rounds
    .map(({ metrics }) => metrics.lateness?.[field] ?? 0)
    .sort((a, b) => a - b);
  return (lateness[Math.floor(lateness.length / 2)] ?? 0) > us;
}
