import { Histogram, rankOf } from '../../model/histogram.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import type { Aggregation } from '../../scenario/figure.ts';

/** The quantiles of a summary in rising order, with their field and the share of values at or below them. */
export const QUANTILES = {
  'p(50)': { field: 'p50Us', q: 0.5 },
  'p(90)': { field: 'p90Us', q: 0.9 },
  'p(95)': { field: 'p95Us', q: 0.95 },
  'p(99)': { field: 'p99Us', q: 0.99 },
  'p(99.9)': { field: 'p999Us', q: 0.999 },
  max: { field: 'maxUs', q: 1 },
} as const satisfies Record<Aggregation, { field: keyof MetricSummary; q: number }>;

/** Attempts of whose true duration only a lower bound is known. */
export interface Censored {
  /** Time that each attempt had taken when it ended without being ready. */
  elapsed: Histogram;
  /** Attempts without any seen duration: dropped, lost, or still in flight at the end of the file. */
  unseen: number;
}

const NOTHING: Censored = { elapsed: new Histogram(), unseen: 0 };

/**
 * Returns the figures of a metric. Count, min and mean are of the values alone.
 *
 * Values alone would be too favourable: a server that lets every second client time out is not as fast as the other
 * half suggests. So a quantile is taken among N = values + censored. The censored rank last, because each may have been
 * slower than any value. p(q) is the value of rank ceil(q * N). If that rank falls among the censored, only a lower
 * bound is known: the quantile q of the values and the times that censored attempts had taken so far (0 if unseen)
 * together. `atLeast` names such figures. No figure is below the one before it.
 */
export function summariseMetric(values: Histogram, censored?: Censored): MetricSummary {
  const { elapsed, unseen } = censored ?? NOTHING;
  const known = merge(values, elapsed);
  const censoredCount = elapsed.count + unseen;
  const total = values.count + censoredCount;
  const summary: MetricSummary = {
    count: values.count,
    ...(censored === undefined ? {} : { censored: censoredCount }),
    minUs: values.count === 0 ? null : values.minUs,
    meanUs: values.count === 0 ? null : Math.round(values.sumUs / values.count),
    p50Us: null,
    p90Us: null,
    p95Us: null,
    p99Us: null,
    p999Us: null,
    maxUs: null,
  };
  if (known.count === 0) return summary;
  const atLeast: NonNullable<MetricSummary['atLeast']> = [];
  let lowestUs = 0;
  for (const { field, q } of Object.values(QUANTILES)) {
    const rank = rankOf(q, total);
    const exact = rank <= values.count;
    const us = exact ? values.valueAtRank(rank) : lowerBound(known, rank - unseen);
    lowestUs = Math.max(lowestUs, us);
    summary[field] = lowestUs;
    if (!exact) atLeast.push(field);
  }
  return atLeast.length === 0 ? summary : { ...summary, atLeast };
}

function lowerBound(known: Histogram, rank: number): number {
  return rank < 1 ? 0 : known.valueAtRank(rank);
}

export function merge(a: Histogram, b: Histogram): Histogram {
  if (b.count === 0) return a;
  const merged = new Histogram();
  merged.add(a);
  merged.add(b);
  return merged;
}
