import type { Aggregation, Figure, JudgedMetric } from '../../scenario/figure.ts';
import { QUANTILES } from '../figures/quantiles.ts';
import { BEGUN_BY_STAMP } from '../validity/merely-late.ts';
import type { Measured } from './measured.ts';

/** Times that may be too short as well as too long. tcp is among them because its two stamps lie close together. */
const MAY_BE_SHORT: readonly JudgedMetric[] = ['tcp', ...BEGUN_BY_STAMP];

/** For each quantile, the quantile of lateness with about a tenth as much beyond it. */
const FURTHER_OUT = {
  'p(50)': 'p(95)',
  'p(90)': 'p(99)',
  'p(95)': 'p(99.9)',
  'p(99)': 'p(99.9)',
  'p(99.9)': 'max',
  max: 'max',
} as const satisfies Record<Aggregation, Aggregation>;

/**
 * Returns by how much a figure may be wrong in a round in which connstorm waited for a CPU, in microseconds. The same
 * event loop starts attempts and stamps answers, so lateness is the measure of both.
 *
 * For any two times, however they depend on each other: the quantile 1 - p - r of their sum is at most the quantile 1 -
 * p of one plus the quantile 1 - r of the other, because at most p + r of the sums exceed it. So the time itself was at
 * least about the measured quantile minus a quantile of lateness further out, with r a tenth of p.
 */
export function findOwnDelay(
  { metrics }: Measured,
  { metric, aggregation }: Figure,
): { tooLongUs: number; tooShortUs: number } {
  const { field } = QUANTILES[FURTHER_OUT[aggregation]];
  const tooLongUs = metrics.lateness?.[field] ?? Number.POSITIVE_INFINITY;
  return { tooLongUs, tooShortUs: MAY_BE_SHORT.includes(metric) ? tooLongUs : 0 };
}

export const NO_DELAY = { tooLongUs: 0, tooShortUs: 0 };
