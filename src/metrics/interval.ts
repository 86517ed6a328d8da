import {
  type Counts,
  type SessionCounts,
  zeroConnections,
  zeroCounts,
  zeroHost,
  zeroSessions,
} from '../model/accounting.ts';
import { ErrorTable } from '../model/error-table.ts';
import { Histogram } from '../model/histogram.ts';
import type { HostActivity } from '../model/ledgers.ts';
import type { Boundary, EncodedHistogram, Failure, Metric } from '../model/measures.ts';
import { NoticeTable } from '../model/notices.ts';
import { ReconnectStorms } from '../model/reconnects.ts';
import { Slowest } from '../model/slowest.ts';
import type { IntervalRecord, SlowAttempt, StepInterval } from '../result/records/intervals.ts';

/** The counts and figures of one interval so far. It becomes an IntervalRecord when the interval is closed. */
export class OpenInterval {
  readonly fromUs: number;
  readonly errors = new ErrorTable();
  readonly notices = new NoticeTable();
  readonly slowest: Slowest<SlowAttempt>;
  readonly reconnects = new ReconnectStorms();
  failedInARow = 0;
  readonly inFlightSamples: number[] = [];
  readonly #tallies = new Map<number, StepTally>();

  constructor(fromUs: number, slowestKept: number) {
    this.fromUs = fromUs;
    this.slowest = new Slowest(slowestKept);
  }

  get tallies(): Iterable<StepTally> {
    return this.#tallies.values();
  }

  of(step: number): StepTally {
    const known = this.#tallies.get(step);
    if (known !== undefined) return known;
    const tally = new StepTally(step);
    this.#tallies.set(step, tally);
    return tally;
  }

  toRecord(
    toUs: number,
    underWay: Pick<IntervalRecord, 'inFlight' | 'open' | 'waiting' | 'crowd' | 'recovery'>,
  ): IntervalRecord {
    const reconnects = this.reconnects.list();
    const notices = this.notices.list();
    const { failedInARow } = this;
    const tallies = [...this.#tallies.values()].sort((a, b) => a.step - b.step);
    return {
      type: 'interval',
      fromUs: this.fromUs,
      toUs,
      ...underWay,
      ...(failedInARow === 0 ? {} : { failedInARow }),
      ...(reconnects.length === 0 ? {} : { reconnects }),
      ...(this.inFlightSamples.length === 0 ? {} : { inFlightSamples: this.inFlightSamples }),
      steps: tallies.map((tally) => tally.toRecord()),
      errors: this.errors.list(),
      ...(notices.length === 0 ? {} : { notices }),
      slowest: this.slowest.list(),
    };
  }
}

/** The part of one interval that belongs to one step. */
export class StepTally {
  readonly step: number;
  readonly counts: Counts = zeroCounts();
  readonly connections = zeroConnections();
  completed = 0;
  readonly serverTimes = { told: 0, sampled: 0, older: 0 };
  /** Created at the first session. */
  sessions: SessionCounts | undefined;
  readonly #hosts = new Map<number, HostActivity>();
  readonly #boundaries: Partial<Record<Boundary, number>> = {};
  readonly #localFailures: Record<string, number> = {};
  readonly #histograms = new Map<Metric, Histogram>();
  #timedOut = 0;
  #lastConnectedUs: number | undefined;

  constructor(step: number) {
    this.step = step;
  }

  record(metric: Metric, us: number): void {
    this.#histogram(metric).record(us);
  }

  /** Shows that connections are to become usable, even if none does. */
  expectUsable(): void {
    this.#histogram('usable');
    this.#histogram('usableServiceTime');
  }

  /** Returns the counts of a host. */
  ofHost(host: number): HostActivity {
    let counts = this.#hosts.get(host);
    if (counts === undefined) {
      counts = zeroHost(host);
      this.#hosts.set(host, counts);
    }
    return counts;
  }

  countHostOk(host: number, atUs: number): void {
    const counts = this.ofHost(host);
    counts.ok++;
    counts.firstOkUs = Math.min(atUs, counts.firstOkUs ?? atUs);
    counts.lastOkUs = Math.max(atUs, counts.lastOkUs ?? atUs);
  }

  countSessions(): SessionCounts {
    this.sessions ??= zeroSessions();
    return this.sessions;
  }

  noteConnected(atUs: number): void {
    this.#lastConnectedUs = Math.max(atUs, this.#lastConnectedUs ?? atUs);
  }

  countBoundary(boundary: Boundary): void {
    this.#boundaries[boundary] = (this.#boundaries[boundary] ?? 0) + 1;
  }

  /** `isLast`: no further host is tried. */
  countFailure({ layer, code }: Failure, isLast: boolean): void {
    if (layer === 'timeout' && isLast) this.#timedOut++;
    if (layer === 'local') this.#localFailures[code] = (this.#localFailures[code] ?? 0) + 1;
  }

  toRecord(): StepInterval {
    const { told, sampled, older } = this.serverTimes;
    const serverTimes = { told, sampled, ...(older === 0 ? {} : { older }) };
    const lastConnectedUs = this.#lastConnectedUs;
    const hosts = [...this.#hosts.values()].sort((a, b) => a.host - b.host);
    const histograms: Partial<Record<Metric, EncodedHistogram>> = {};
    for (const [metric, histogram] of this.#histograms) histograms[metric] = histogram.encode();
    return {
      step: this.step,
      counts: this.counts,
      completed: this.completed,
      ...(lastConnectedUs === undefined ? {} : { lastConnectedUs }),
      timedOut: this.#timedOut,
      localFailures: this.#localFailures,
      connections: this.connections,
      boundaries: this.#boundaries,
      ...(told + sampled + older === 0 ? {} : { serverTimes }),
      ...(hosts.length === 0 ? {} : { hosts }),
      ...(this.sessions === undefined ? {} : { sessions: this.sessions }),
      histograms,
    };
  }

  #histogram(metric: Metric): Histogram {
    let histogram = this.#histograms.get(metric);
    if (histogram === undefined) {
      histogram = new Histogram();
      this.#histograms.set(metric, histogram);
    }
    return histogram;
  }
}
