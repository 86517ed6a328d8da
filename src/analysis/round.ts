import type { LegRecord } from '../result/records.ts';
import type { MetricSummary, RoundFigures, RoundSummary } from '../result/summary-records.ts';
import type { RunFigures } from './run-fold.ts';

const ROUND_METRICS = ['latency', 'serviceTime', 'firstQuery'] as const;

/** One round of a variant, from its figures. */
export function summariseRound(
  { round, seed, warmedUs }: LegRecord,
  figures: RunFigures,
): RoundSummary {
  const { stoppedBy, validity, metrics } = figures;
  const measured = ROUND_METRICS.flatMap((metric) => {
    const summary = metrics[metric];
    return summary === undefined ? [] : [[metric, pickFigures(summary)] as const];
  });
  const warmed = warmedUs === undefined ? {} : { warmedUs };
  return { round, seed, stoppedBy, ...warmed, validity, ...Object.fromEntries(measured) };
}

function pickFigures({ count, censored, p50Us, p99Us, atLeast }: MetricSummary): RoundFigures {
  return {
    count,
    ...(censored === undefined ? {} : { censored }),
    p50Us,
    p99Us,
    ...(atLeast === undefined ? {} : { atLeast }),
  };
}
