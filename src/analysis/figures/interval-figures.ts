import { Histogram } from '../../model/histogram.ts';
import type { IntervalRecord } from '../../result/records/intervals.ts';

/** What one interval says by itself of the load of one kind of loop, for the live view. */
export interface IntervalFigures {
  /** Attempts that became ready in it. */
  achievedPerSecond: number;
  /** Of these: latency, of closed loops service time; null when there was none. */
  p50Us: number | null;
  p99Us: number | null;
}

export interface OpenIntervalFigures extends IntervalFigures {
  offeredPerSecond: number;
}

/** `isClosed`: of a step by its number. Clients of closed loops are offered nothing, and have no latency. */
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
