import {
  addCounts,
  addHosts,
  type ConnectionCounts,
  type Counts,
  countEnded,
  type SessionCounts,
  sumPassedOn,
  zeroConnections,
  zeroCounts,
  zeroSessions,
} from '../../model/accounting.ts';
import { Histogram } from '../../model/histogram.ts';
import type { HostActivity } from '../../model/ledgers.ts';
import type { Boundary, Metric } from '../../model/measures.ts';
import type { StepInterval } from '../../result/records/intervals.ts';
import type { MetricSummary } from '../../result/records/summary-figures.ts';
import type { OkTimes } from '../validity/late.ts';
import { merge, summariseMetric } from './quantiles.ts';

/** The histograms of one interval and step, decoded. */
export type DecodedHistograms = ReadonlyMap<Metric, Histogram>;

export function decodeHistograms(histograms: StepInterval['histograms']): DecodedHistograms {
  const entries = Object.entries(histograms) as [Metric, Parameters<typeof Histogram.decode>[0]][];
  return new Map(entries.map(([metric, encoded]) => [metric, Histogram.decode(encoded)]));
}

/** Sums over all intervals of a run, or of one of its steps. */
export class Tally {
  readonly counts: Counts = zeroCounts();
  readonly connections: ConnectionCounts = zeroConnections();
  readonly boundaries: Partial<Record<Boundary, number>> = {};
  readonly localFailures: Record<string, number> = {};
  completed = 0;
  lastConnectedUs: number | undefined;
  timedOut = 0;
  readonly serverTimes = { told: 0, sampled: 0, older: 0 };
  readonly sessions: SessionCounts = zeroSessions();
  /** Indexed by host; empty unless clients choose their host at each connect. */
  readonly hosts: HostActivity[] = [];
  /** The part of these sums that belongs to closed loops, which have neither latency nor lateness. */
  readonly closed = { counts: zeroCounts(), timedOut: 0, passedOn: 0 };
  /** Only of closed loops: how long attempts had taken, from their start, when they ended without being ready. */
  readonly #closedElapsed = new Histogram();
  readonly #closedServiceTime = new Histogram();
  readonly #kept: readonly Metric[];
  readonly #histograms = new Map<Metric, Histogram>();

  /** Creates an empty tally. `kept`: the metrics whose histograms are needed. */
  constructor(kept: readonly Metric[]) {
    this.#kept = kept;
  }

  add(part: StepInterval, histograms: DecodedHistograms, isClosed = false): void {
    addCounts(this.counts, part.counts);
    if (isClosed) this.#addClosed(part, histograms);
    if (part.hosts !== undefined) addHosts(this.hosts, part.hosts);
    if (part.sessions !== undefined) addCounts(this.sessions, part.sessions);
    addCounts(this.connections, part.connections);
    addByName(this.boundaries, part.boundaries);
    addByName(this.localFailures, part.localFailures);
    addCounts(this.serverTimes, { told: 0, sampled: 0, older: 0, ...part.serverTimes });
    this.completed += part.completed;
    if (part.lastConnectedUs !== undefined) {
      this.lastConnectedUs = Math.max(part.lastConnectedUs, this.lastConnectedUs ?? 0);
    }
    this.timedOut += part.timedOut;
    for (const metric of this.#kept) {
      const histogram = histograms.get(metric);
      if (histogram !== undefined) this.#histogram(metric).add(histogram);
    }
  }

  /** Adds the arrivals and attempts of another tally, and the histograms that both keep. Only for open loops. */
  merge(other: Tally): void {
    addCounts(this.counts, other.counts);
    addHosts(this.hosts, other.hosts);
    addByName(this.localFailures, other.localFailures);
    this.serverTimes.older += other.serverTimes.older;
    this.completed += other.completed;
    this.timedOut += other.timedOut;
    for (const metric of this.#kept) this.#histogram(metric).add(other.histogram(metric));
  }

  /** Attempts that failed and after which the same connect went on at its next host. */
  get passedOn(): number {
    return sumPassedOn(this.hosts);
  }

  /** Returns an empty histogram if nothing was measured. */
  histogram(metric: Metric): Histogram {
    return this.#histograms.get(metric) ?? new Histogram();
  }

  /** The times that the slowest attempts are taken from: latency, and in closed loops service time. */
  get whole(): Histogram {
    return merge(this.histogram('latency'), this.#closedServiceTime);
  }

  /** Returns the figures of a metric. `inFlight`: attempts whose end is not in the file. */
  summarise(metric: Metric, inFlight: number): MetricSummary {
    const values = this.histogram(metric);
    const { dropped, lost } = this.counts;
    if (metric === 'latency') {
      const elapsed = this.histogram('censoredLatency');
      const { counts } = this.closed;
      const closedInFlight = counts.started - countEnded(counts);
      const unseen = dropped + lost - counts.lost + inFlight - closedInFlight;
      const summary = summariseMetric(values, { elapsed, unseen });
      if (counts.started === 0) return summary;
      const open = this.counts.started - counts.started - (this.passedOn - this.closed.passedOn);
      return { ...summary, tries: open + dropped - counts.dropped };
    }
    if (metric === 'sessionLatency') {
      const { begun, connected, gaveUp, cancelled } = this.sessions;
      const unseen = begun === 0 ? 0 : dropped + begun - connected - gaveUp - cancelled;
      return summariseMetric(values, { elapsed: this.histogram('censoredSessionLatency'), unseen });
    }
    if (metric === 'serviceTime') {
      const elapsed = this.histogram('censoredServiceTime');
      return summariseMetric(values, { elapsed, unseen: lost + inFlight });
    }
    if (this.#isOfEveryConnect(metric)) {
      const unanswered = this.counts.ok - values.count;
      const elapsed = metric.endsWith('ServiceTime')
        ? this.histogram('censoredServiceTime')
        : merge(this.histogram('censoredLatency'), this.#closedElapsed);
      return summariseMetric(values, { elapsed, unseen: dropped + lost + inFlight + unanswered });
    }
    if (metric === 'close') {
      return summariseMetric(values, { elapsed: this.histogram('censoredClose'), unseen: 0 });
    }
    return summariseMetric(values);
  }

  get okLatency(): OkTimes {
    return pickJudged(this.histogram('latency'));
  }

  get okServiceTime(): OkTimes {
    return pickJudged(this.histogram('serviceTime'));
  }

  #addClosed({ counts, timedOut, hosts = [] }: StepInterval, histograms: DecodedHistograms): void {
    addCounts(this.closed.counts, counts);
    this.closed.timedOut += timedOut;
    this.closed.passedOn += sumPassedOn(hosts);
    const elapsed = histograms.get('censoredServiceTime');
    const serviceTime = histograms.get('serviceTime');
    if (elapsed !== undefined) this.#closedElapsed.add(elapsed);
    if (serviceTime !== undefined) this.#closedServiceTime.add(serviceTime);
  }

  /** Returns whether every connect was to get the answer that ends the metric. Those without it rank last. */
  #isOfEveryConnect(metric: Metric): boolean {
    switch (metric) {
      case 'firstQuery':
        return this.#hasQueries();
      case 'firstQueryServiceTime':
        return this.#hasQueries() && this.#hasQueriesFromStart();
      case 'usable':
      case 'usableServiceTime':
        // A run that tells it writes the histogram, even without a value.
        return this.#histograms.has(metric);
      default:
        return false;
    }
  }

  /** Returns whether queries were asked. Without any answered or failed query, none was. */
  #hasQueries(): boolean {
    return this.histogram('firstQuery').count + this.connections.queryFailed > 0;
  }

  /** Returns false for an older file, whose first queries count only from the schedule. */
  #hasQueriesFromStart(): boolean {
    const { count } = this.histogram('firstQueryServiceTime');
    return count === this.histogram('firstQuery').count;
  }

  #histogram(metric: Metric): Histogram {
    const known = this.#histograms.get(metric);
    if (known !== undefined) return known;
    const histogram = new Histogram();
    this.#histograms.set(metric, histogram);
    return histogram;
  }
}

function pickJudged(values: Histogram): OkTimes {
  return {
    p50Us: values.quantile(0.5),
    p90Us: values.quantile(0.9),
    p99Us: values.quantile(0.99),
  };
}

function addByName(into: Record<string, number>, from: Record<string, number>): void {
  for (const [name, count] of Object.entries(from)) into[name] = (into[name] ?? 0) + count;
}
