import { rankOf } from '../../model/histogram.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import type { RoundSummary } from '../../result/records/summary-records.ts';
import type { Aggregation, Figure, JudgedMetric } from '../../scenario/figure.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { FROM_SCHEDULE, isMerelyLate, isShortOfCpu } from '../validity/merely-late.ts';
import type { Measured } from './measured.ts';
import { findOwnDelay, NO_DELAY } from './own-delay.ts';
import type { Bounds } from './ratio.ts';

/** Returns the share of all attempts of these rounds, started or dropped, that have a value; null without attempts. */
export function findShare(rounds: readonly RoundSummary[], { metric }: Figure): number | null {
  const counts = rounds.map((round) => round.metrics[metric]?.count ?? 0);
  const tries = rounds
    .map((round) => countTries(round, metric))
    .reduce((sum, count) => sum + count, 0);
  return tries === 0 ? null : counts.reduce((sum, count) => sum + count, 0) / tries;
}

/**
 * Returns the figure of each round, as bounds; an empty list if no round has the metric.
 *
 * A quantile is only a lower bound if the summary marks it as one, or if fewer attempts than its share have a value.
 * Attempts that were refused at once rank behind all that were served. Otherwise a server that refuses half of its
 * clients would look fast. If some were refused but enough were served, the figure lies between two quantiles of the
 * attempts with a value: the same one, and the next higher one that certainly ranks high enough. `isLate`: lateness in
 * the figure is too large to ignore. `isShortOfCpu`: connstorm waited for a CPU over all rounds together.
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

/** Returns the figure of one round; from 0 to Infinity if it has no such value. */
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
  // Clocks have a resolution of a microsecond, so a time of 0 is below one.
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

/**
 * Returns an upper bound of the quantile over all `tries`, in which those without a value rank behind all others;
 * Infinity if there is none.
 */
function findHighest(summary: MetricSummary, aggregation: Aggregation, tries: number): number {
  const rank = rankOf(QUANTILES[aggregation].q, tries);
  const ranked = summary.count + (summary.censored ?? 0);
  if (summary.count < rank) return Infinity;
  const found = Object.values(QUANTILES).find(({ q }) => rankOf(q, ranked) >= rank);
  if (found === undefined || summary.atLeast?.includes(found.field) === true) return Infinity;
  return summary[found.field] ?? Infinity;
}

/** The same times from the actual start, if they are recorded. */
const FROM_START: Partial<Record<JudgedMetric, JudgedMetric>> = {
  latency: 'serviceTime',
  firstQuery: 'firstQueryServiceTime',
  usable: 'usableServiceTime',
};

/**
 * Returns a lower bound of the figure without connstorm's lateness. It is the larger of two: the same quantile from the
 * actual start, and the figure minus the largest lateness, because a quantile of sums is at most that of one part plus
 * the maximum of the other. It is 0 if neither was recorded.
 */
function takeOffLateness({ metrics }: Measured, { metric, aggregation }: Figure, us: number) {
  const fromStart = FROM_START[metric];
  const known = fromStart === undefined ? undefined : metrics[fromStart];
  const fromStartUs = known?.[QUANTILES[aggregation].field] ?? 0;
  return Math.max(fromStartUs, us - (metrics.lateness?.maxUs ?? Infinity));
}

/**
 * Returns the number of attempts that a metric's quantiles rank. Sessions have several attempts each, and sessions that
 * gave up are among the censored ones.
 */
export function countTries(round: Measured, metric: JudgedMetric): number {
  const { dropped, passedOn = 0 } = round.accounting;
  const started = round.accounting.started - passedOn;
  if (metric === 'latency') return round.metrics.latency?.tries ?? started + dropped;
  if (metric !== 'sessionLatency') return started + dropped;
  const { count = 0, censored = 0 } = round.metrics.sessionLatency ?? {};
  return count + censored;
}

/**
 * Returns whether connstorm's lateness exceeds `us`, at the same quantile in the median round, for a figure that counts
 * from the schedule.
 */
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
