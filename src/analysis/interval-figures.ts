import { Histogram } from '../metrics/histogram.ts';
import type { IntervalRecord } from '../result/intervals.ts';

/** What one interval says by itself, for the live view. */
export interface IntervalFigures {
  offeredPerSecond: number;
  /** Attempts that became ready in it. */
  achievedPerSecond: number;
  /** Of the attempts that became ready in it; null when there was none. */
  p50Us: number | null;
  p99Us: number | null;
}

export function describeInterval(interval: IntervalRecord): IntervalFigures {
  const seconds = (interval.toUs - interval.fromUs) / 1_000_000;
  const latency = new Histogram();
  let due = 0;
  for (const { counts, histograms } of interval.steps) {
    due += counts.due;
    // A closed loop has no latency.
    const whole = histograms.latency ?? histograms.serviceTime;
    if (whole !== undefined) latency.add(Histogram.decode(whole));
  }
  return {
    offeredPerSecond: due / seconds,
    achievedPerSecond: latency.count / seconds,
    p50Us: latency.quantile(0.5),
    p99Us: latency.quantile(0.99),
  };
}
