import { Histogram } from '../metrics/histogram.ts';
import {
  addCounts,
  type ConnectionCounts,
  type Counts,
  zeroConnections,
  zeroCounts,
} from '../result/accounting.ts';
import type { Boundary, Metric, MetricSummary, StepInterval } from '../result/records.ts';
import { summariseMetric } from './quantiles.ts';
import type { OkLatency } from './validity.ts';

/** The histograms of one interval and step, decoded. */
export type DecodedHistograms = ReadonlyMap<Metric, Histogram>;

export function decodeHistograms(histograms: StepInterval['histograms']): DecodedHistograms {
  const entries = Object.entries(histograms) as [Metric, Parameters<typeof Histogram.decode>[0]][];
  return new Map(entries.map(([metric, encoded]) => [metric, Histogram.decode(encoded)]));
}

/** Sums of a run, or of one of its steps, over all intervals. */
export class Tally {
  readonly counts: Counts = zeroCounts();
  readonly connections: ConnectionCounts = zeroConnections();
  readonly boundaries: Partial<Record<Boundary, number>> = {};
  readonly localFailures: Record<string, number> = {};
  completed = 0;
  timedOut = 0;
  readonly serverTimes = { told: 0, sampled: 0 };
  readonly #kept: readonly Metric[];
  readonly #histograms = new Map<Metric, Histogram>();

  /** `kept`: the metrics whose histograms are wanted. */
  constructor(kept: readonly Metric[]) {
    this.#kept = kept;
  }

  add(part: StepInterval, histograms: DecodedHistograms): void {
    addCounts(this.counts, part.counts);
    addCounts(this.connections, part.connections);
    addByName(this.boundaries, part.boundaries);
    addByName(this.localFailures, part.localFailures);
    addCounts(this.serverTimes, part.serverTimes ?? { told: 0, sampled: 0 });
    this.completed += part.completed;
    this.timedOut += part.timedOut;
    for (const metric of this.#kept) {
      const histogram = histograms.get(metric);
      if (histogram !== undefined) this.#histogram(metric).add(histogram);
    }
  }

  /** Empty where nothing was measured. */
  histogram(metric: Metric): Histogram {
    return this.#histograms.get(metric) ?? new Histogram();
  }

  /** `inFlight`: attempts whose end the file does not tell. */
  summarise(metric: Metric, inFlight: number): MetricSummary {
    const values = this.histogram(metric);
    const { dropped, lost } = this.counts;
    if (metric === 'latency') {
      const elapsed = this.histogram('censoredLatency');
      return summariseMetric(values, { elapsed, unseen: dropped + lost + inFlight });
    }
    if (metric === 'serviceTime') {
      const elapsed = this.histogram('censoredServiceTime');
      return summariseMetric(values, { elapsed, unseen: lost + inFlight });
    }
    if (metric === 'firstQuery' && this.#hasQueries()) {
      const unanswered = this.counts.ok - values.count;
      const elapsed = this.histogram('censoredLatency');
      return summariseMetric(values, { elapsed, unseen: dropped + lost + inFlight + unanswered });
    }
    if (metric === 'close') {
      return summariseMetric(values, { elapsed: this.histogram('censoredClose'), unseen: 0 });
    }
    return summariseMetric(values);
  }

  get okLatency(): OkLatency {
    const values = this.histogram('latency');
    return {
      p50Us: values.quantile(0.5),
      p90Us: values.quantile(0.9),
      p99Us: values.quantile(0.99),
    };
  }

  /** Without any answered or failed query none was asked for. */
  #hasQueries(): boolean {
    return this.histogram('firstQuery').count + this.connections.queryFailed > 0;
  }

  #histogram(metric: Metric): Histogram {
    const known = this.#histograms.get(metric);
    if (known !== undefined) return known;
    const histogram = new Histogram();
    this.#histograms.set(metric, histogram);
    return histogram;
  }
}

function addByName(into: Record<string, number>, from: Record<string, number>): void {
  for (const [name, count] of Object.entries(from)) into[name] = (into[name] ?? 0) + count;
}
