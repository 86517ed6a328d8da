import { Histogram } from '../../model/histogram.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';

/** Figures of one interval and one kind of loop, for the live view. */
export interface IntervalFigures {
  /** Attempts that became ready in the interval, per second. */
  achievedPerSecond: number;
  /** Latency of these attempts, in closed loops their service time; null without any. */
  p50Us: number | null;
  p99Us: number | null;
}

export interface OpenIntervalFigures extends IntervalFigures {
  offeredPerSecond: number;
}

/**
 * Returns the figures of both kinds of loop. `isClosed`: whether the step of that number is a closed loop. Closed loops
 * have no offered rate and no latency.
 */
export function describeInterval(
  { fromUs, toUs, steps }: IntervalRecord,
  isClosed: (step: number) => boolean,
): { open: OpenIntervalFigures; closed: IntervalFigures } {
  const seconds = (toUs - fromUs) / 1_000_000;
  const latency = new Histogram();
  const serviceTime = new Histogram();
  let due = 0;
  for (const { step, counts, histograms } of steps) {
    if (isClosed(step)) addEncoded(serviceTime, histograms.serviceTime);
    else {
      due += counts.due;
      addEncoded(latency, histograms.latency);
    }
  }
  return {
    open: { offeredPerSecond: due / seconds, ...describe(latency, seconds) },
    closed: describe(serviceTime, seconds),
  };
}

function addEncoded(into: Histogram, encoded: Parameters<typeof Histogram.decode>[0] | undefined) {
  if (encoded !== undefined) into.add(Histogram.decode(encoded));
}

function describe(ready: Histogram, seconds: number): IntervalFigures {
  return {
    achievedPerSecond: ready.count / seconds,
    p50Us: ready.quantile(0.5),
    p99Us: ready.quantile(0.99),
  };
}
