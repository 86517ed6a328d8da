import { decideExitCode } from '../errors.ts';
import { checkAccounting, checkSessions, countEnded } from '../result/accounting.ts';
import { ErrorTable } from '../result/error-table.ts';
import { ReconnectStorms } from '../result/reconnects.ts';
import {
  type Accounting,
  type ConnectionAccounting,
  type EndRecord,
  type HeaderRecord,
  type IntervalRecord,
  METRICS,
  type ResultRecord,
  type SampleRecord,
  type SessionAccounting,
  type SlowAttempt,
  type StepRecord,
  type StepSummary,
  type SummaryMetric,
  type SummaryRecord,
} from '../result/records.ts';
import { Slowest } from '../result/slowest.ts';
import { findExitReasons } from './exit-reasons.ts';
import { checkHistograms } from './histogram-laws.ts';
import { summariseSessions } from './sessions.ts';
import { summariseSlowest } from './slowest.ts';
import { decodeHistograms, Tally } from './tally.ts';
import { judgeFigures, judgeRun, toValidity } from './validity.ts';

export interface SummaryFold {
  /** Takes every record of a result file, in its order. Throws on one that makes no sense. */
  add(record: ResultRecord): void;
  /** The summary of the records so far; without an `end` among them it is `interrupted`. */
  finish(): SummaryRecord;
}

/**
 * Derives the summary of a run from its records, while it runs or from the file.
 * `computedBy` is the version of connstorm that computes it.
 */
export function createSummary(header: HeaderRecord, computedBy = header.connstorm): SummaryFold {
  return new Fold(header, computedBy);
}

const STEP_METRICS = ['latency', 'lateness', 'censoredLatency'] as const;
const CLOSED_STEP_METRICS = ['serviceTime', 'censoredServiceTime'] as const;
const PRINTED_METRICS = METRICS.filter(
  (metric): metric is SummaryMetric => !metric.startsWith('censored'),
);
/** 1 % of two million attempts. */
const SLOWEST_KEPT = 20_000;

class Fold implements SummaryFold {
  readonly #header: HeaderRecord;
  readonly #computedBy: string;
  readonly #run = new Tally(METRICS);
  readonly #steps: { record: StepRecord; tally: Tally }[];
  readonly #errors = new ErrorTable();
  readonly #slowest = new Slowest<SlowAttempt>(SLOWEST_KEPT);
  readonly #reconnects = new ReconnectStorms();
  readonly #cpu = { ownUs: 0, busyUs: 0, totalUs: 0 };
  #last: Pick<IntervalRecord, 'toUs' | 'inFlight' | 'open' | 'waiting'> = {
    toUs: 0,
    inFlight: 0,
    open: 0,
  };
  #end: EndRecord | undefined;

  constructor(header: HeaderRecord, computedBy: string) {
    this.#header = header;
    this.#computedBy = computedBy;
    this.#steps = header.plan.steps.map((record) => ({
      record,
      tally: new Tally(record.loop === 'closed' ? CLOSED_STEP_METRICS : STEP_METRICS),
    }));
  }

  add(record: ResultRecord): void {
    if (record.type === 'interval') this.#addInterval(record);
    else if (record.type === 'sample') this.#addSample(record);
    else if (record.type === 'end') this.#end = record;
  }

  finish(): SummaryRecord {
    const { scenario } = this.#header;
    const metrics = this.#summariseMetrics();
    const steps = this.#summariseSteps();
    const judged = this.#judge(steps);
    const stoppedBy = this.#end?.stoppedBy ?? 'interrupted';
    const exitCode = decideExitCode(findExitReasons({ stoppedBy, validity: judged.validity }));
    const { reason, scram } = this.#end ?? {};
    return {
      type: 'summary',
      version: 1,
      connstorm: this.#computedBy,
      scenario,
      exitCode,
      stoppedBy,
      ...(reason === undefined ? {} : { reason }),
      ...judged,
      metrics,
      boundaries: this.#run.boundaries,
      errors: this.#errors.list(),
      rates: this.#rates(),
      steps,
      slowest: summariseSlowest(this.#run.whole, this.#slowest.list()),
      generator: this.#summariseGenerator(),
      ...this.#summariseSessions(),
      ...(scram === undefined ? {} : { scram }),
      capacity: null,
      bottleneck: null,
      variants: {},
      comparison: [],
      budgets: [],
    };
  }

  #addInterval(interval: IntervalRecord): void {
    for (const part of interval.steps) {
      const step = this.#steps[part.step];
      if (step === undefined) throw new RangeError(`there is no step ${part.step}`);
      const histograms = decodeHistograms(part.histograms);
      const isClosed = step.record.loop === 'closed';
      this.#run.add(part, histograms, isClosed);
      step.tally.add(part, histograms, isClosed);
    }
    for (const error of interval.errors) this.#errors.add(error);
    for (const attempt of interval.slowest) this.#slowest.add(attempt);
    for (const storm of interval.reconnects ?? []) this.#reconnects.add(storm);
    this.#last = interval;
  }

  #addSample({ cpuUs, hostBusyUs, hostTotalUs }: SampleRecord): void {
    this.#cpu.ownUs += cpuUs;
    this.#cpu.busyUs += hostBusyUs;
    this.#cpu.totalUs += hostTotalUs;
  }

  #summariseMetrics(): SummaryRecord['metrics'] {
    const entries = PRINTED_METRICS.map(
      (metric) => [metric, this.#run.summarise(metric, this.#last.inFlight)] as const,
    );
    return Object.fromEntries(
      entries.filter(([, { count, censored }]) => count > 0 || (censored ?? 0) > 0),
    );
  }

  /** Steps that the run did not reach are left out. */
  #summariseSteps(): StepSummary[] {
    const ranUntilUs = this.#ranUntilUs();
    return this.#steps
      .filter(({ record }) => record.fromUs < ranUntilUs)
      .map(({ record, tally }) => summariseStep(record, tally, ranUntilUs));
  }

  #judge(steps: StepSummary[]): Pick<SummaryRecord, 'accounting' | 'connections' | 'validity'> {
    const accounting: Accounting = { ...this.#run.counts, inFlight: this.#last.inFlight };
    const connections: ConnectionAccounting = {
      ...this.#run.connections,
      open: this.#last.open,
    };
    const validity = judgeRun({
      accounting,
      lostConnections: connections.lost,
      violations: this.#findViolations(accounting, connections),
      scram: this.#end?.scram,
      figures: {
        ok: accounting.ok,
        okLatency: this.#run.okLatency,
        lateness: this.#run.summarise('lateness', accounting.inFlight),
        localFailures: this.#run.localFailures,
      },
      steps: steps.map((step) => step.validity),
    });
    return { accounting, connections, validity };
  }

  #findViolations(accounting: Accounting, connections: ConnectionAccounting): string[] {
    const complete = this.#end !== undefined;
    const planned = this.#header.plan.arrivalCount;
    // In a closed loop nobody knows beforehand how many there will be.
    const due = accounting.due - this.#run.closed.counts.due;
    const all = this.#end?.stoppedBy !== 'end' || planned === null || due === planned;
    const sessions = this.#sessions();
    return [
      ...checkAccounting(accounting, connections, { complete, sessions: sessions !== undefined }),
      ...(sessions === undefined ? [] : checkSessions(sessions, accounting, { complete })),
      ...checkHistograms(this.#run),
      ...(all ? [] : [`due ${due} is not the plan's ${planned} arrivals`]),
    ];
  }

  /** undefined where there are none. */
  #sessions(): SessionAccounting | undefined {
    const { sessions } = this.#run;
    if (sessions.begun === 0) return undefined;
    return { ...sessions, waiting: this.#last.waiting ?? 0 };
  }

  #summariseSessions(): Pick<SummaryRecord, 'sessions'> {
    const sessions = this.#sessions();
    if (sessions === undefined) return {};
    const windowUs = this.#ranUntilUs();
    const goal = this.#header.plan.goalUs;
    const storms = this.#reconnects.list();
    return { sessions: summariseSessions(sessions, { storms, windowUs, goalUs: goal }) };
  }

  #rates(): SummaryRecord['rates'] {
    const windowUs = this.#ranUntilUs();
    const completed = this.#steps.reduce((sum, { tally }) => sum + tally.completed, 0);
    return {
      windowUs,
      offeredPerSecond: perSecond(this.#run.counts.due, windowUs),
      achievedPerSecond: perSecond(completed, windowUs),
    };
  }

  /** Until when arrivals came: all of the plan, or less where the run was stopped or the file cut off. */
  #ranUntilUs(): number {
    const { durationUs } = this.#header.plan;
    if (this.#end === undefined) return Math.min(this.#last.toUs, durationUs);
    const { stoppedBy, stopAtUs, atUs } = this.#end;
    return stoppedBy === 'end' ? durationUs : Math.min(stopAtUs ?? atUs, durationUs);
  }

  #summariseGenerator(): SummaryRecord['generator'] {
    const { ownUs, busyUs, totalUs } = this.#cpu;
    return totalUs > 0 ? { cpuShare: ownUs / totalUs, hostBusyShare: busyUs / totalUs } : null;
  }
}

function summariseStep(record: StepRecord, tally: Tally, ranUntilUs: number): StepSummary {
  const ranUs = Math.min(record.toUs, ranUntilUs) - record.fromUs;
  const inFlight = tally.counts.started - countEnded(tally.counts);
  const latency = tally.summarise('latency', inFlight);
  const lateness = tally.summarise('lateness', inFlight);
  const { localFailures, counts, completed, okLatency } = tally;
  return {
    ...record,
    offeredPerSecond: perSecond(counts.due, ranUs),
    achievedPerSecond: perSecond(completed, ranUs),
    accounting: { ...counts, inFlight },
    latency,
    lateness,
    ...(record.loop === 'closed' ? { serviceTime: tally.summarise('serviceTime', inFlight) } : {}),
    validity: toValidity(judgeFigures({ ok: counts.ok, okLatency, lateness, localFailures })),
  };
}

function perSecond(count: number, us: number): number {
  return us > 0 ? (count / us) * 1_000_000 : 0;
}
