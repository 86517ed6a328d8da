import { nounOf } from '../counted.ts';
import { checkAccounting, checkReconnects, checkSessions } from '../model/accounting.ts';
import { addCrowds, type CrowdRecord } from '../model/crowd.ts';
import { ErrorTable } from '../model/error-table.ts';
import type {
  Accounting,
  ConnectionAccounting,
  ReconnectStorm,
  SessionAccounting,
} from '../model/ledgers.ts';
import { METRICS, type SummaryMetric } from '../model/measures.ts';
import { NoticeTable } from '../model/notices.ts';
import { ReconnectStorms } from '../model/reconnects.ts';
import { Slowest } from '../model/slowest.ts';
import type { Bottleneck } from '../result/records/bottleneck.ts';
import type { Capacity } from '../result/records/capacity.ts';
import type { EndRecord } from '../result/records/end.ts';
import type { HeaderRecord, StepRecord } from '../result/records/header.ts';
import type { IntervalRecord, SlowAttempt } from '../result/records/intervals.ts';
import type { DecisionRecord, StepOpenedRecord, StreamRecord } from '../result/records/records.ts';
import type { GeneratorSample } from '../result/records/samples.ts';
import type { Reason, StepSummary, Validity } from '../result/records/summary-figures.ts';
import type { SummaryRecord, VariantSummary } from '../result/records/summary-records.ts';
import type { JudgedMetric } from '../scenario/figure.ts';
import { findBottleneck } from './bottleneck/bottleneck.ts';
import { ProbeLog } from './bottleneck/probe-log.ts';
import { CostFold } from './figures/cost.ts';
import { checkHistograms } from './figures/histogram-laws.ts';
import { perSecond } from './figures/per-second.ts';
import { summariseSessions } from './figures/sessions.ts';
import { summariseSlowest } from './figures/slowest.ts';
import { decodeHistograms, Tally } from './figures/tally.ts';
import { WindowsFold } from './figures/windows.ts';
import { cutStep, type FoldedStep, foldStep, pickClosed, summariseStep } from './folded-step.ts';
import { describeLoss, findBroken } from './search/given-out.ts';
import { type SearchEnd, SearchFold } from './search/search-fold.ts';
import { agreeWithSearch } from './search/step-validity.ts';
import { DisturbanceFold, warnOfDisturbance } from './validity/disturbance.ts';
import { GeneratorEvidence } from './validity/generator-evidence.ts';
import { LimitsInUse } from './validity/limit-warnings.ts';
import { isTold, warnOfOldBackends } from './validity/old-backends.ts';
import { findKeySource, type KeySource, mergeScram } from './validity/scram.ts';
import { warnOfSlowKeys } from './validity/scram-validity.ts';
import { judgeRun, toValidity } from './validity/validity.ts';
import { WatchFold } from './watch.ts';

/** What the sums over a plan tell: the figures of a round, and those of a variant but for its rounds. */
export type PlanFigures = Omit<VariantSummary, 'cpuPerConnectUs' | 'roundsPlanned' | 'rounds'>;

/** One pass through the plan, from its T0 to its end. */
interface Leg {
  last: Pick<IntervalRecord, 'toUs' | 'inFlight' | 'open' | 'waiting'>;
  readonly reconnects: ReconnectStorms;
  /** undefined: it goes on, or the file was cut off in it. */
  end?: Omit<EndRecord, 'type'>;
}

const PRINTED_METRICS = METRICS.filter(
  (metric): metric is SummaryMetric => !metric.startsWith('censored'),
);
/** 1 % of two million attempts. */
const SLOWEST_KEPT = 20_000;

/** Sums up one plan: one round of a variant, or all of them merged. Times are since the T0 of each leg. */
export class PlanFold {
  readonly #plan: HeaderRecord['plan'];
  readonly #legs: Leg[] = [];
  readonly #run = new Tally(METRICS);
  readonly #steps: FoldedStep[];
  /** undefined where all steps are planned beforehand. */
  readonly #search: SearchFold | undefined;
  readonly #keys: KeySource;
  readonly #target: HeaderRecord['target'];
  readonly #environment: HeaderRecord['environment'];
  readonly #probes = new ProbeLog();
  readonly #cost = new CostFold();
  readonly #watch = new WatchFold();
  readonly #windows: WindowsFold | undefined;
  readonly #evidence = new GeneratorEvidence();
  readonly #limits: LimitsInUse;
  readonly #disturbance = new DisturbanceFold();
  readonly #errors = new ErrorTable();
  readonly #notices = new NoticeTable();
  readonly #slowest = new Slowest<SlowAttempt>(SLOWEST_KEPT);
  #crowd: CrowdRecord | undefined;
  readonly #cpu = { ownUs: 0, busyUs: 0, totalUs: 0 };

  constructor(
    { spec, plan, target }: Pick<HeaderRecord, 'spec' | 'plan' | 'target'>,
    environment: HeaderRecord['environment'],
  ) {
    this.#plan = plan;
    this.#target = target;
    this.#environment = environment;
    this.#keys = findKeySource(spec);
    this.#limits = new LimitsInUse({ pairs: countPairs(spec, target) });
    this.#steps = plan.steps.map((step) => foldStep(step, this.#keys));
    this.#windows = WindowsFold.of({ plan });
    this.#search = plan.search === undefined ? undefined : new SearchFold(plan.search);
  }

  /** Call it before anything is added: what follows belongs to this leg. */
  openLeg(): void {
    this.#cost.openLeg();
    this.#disturbance.openLeg();
    this.#limits.openLeg();
    this.#legs.push({
      last: { toUs: 0, inFlight: 0, open: 0 },
      reconnects: new ReconnectStorms(),
    });
  }

  addEnd(end: Omit<EndRecord, 'type'>): void {
    this.#leg.end = end;
    this.#cost.closeLeg(end);
  }

  /** CPU time of connstorm's process so far, over all legs; 0 without samples. */
  get cpuUs(): number {
    return this.#cpu.ownUs;
  }

  /** The `rank`-th smallest value, in microseconds; 0 without any. */
  valueAtRank(metric: JudgedMetric, rank: number): number {
    return this.#run.histogram(metric).valueAtRank(rank);
  }

  /** Of the records so far; where the last leg has no end it is `interrupted`. */
  finish(): PlanFigures {
    const metrics = this.#summariseMetrics();
    const steps = this.#summariseSteps();
    const end = this.#legs.at(-1)?.end;
    const figures = this.#judge(steps);
    const capacity = this.#findCapacity(figures.validity, end);
    const broken = findBroken(this.#search?.steps ?? []);
    const lostTo = broken === undefined ? undefined : describeLoss(broken);
    const judged = { ...figures, validity: judgeCapacity(figures.validity, capacity, lostTo) };
    const scram = this.#scram();
    const notices = this.#notices.list();
    const watch = this.#watch.summarise();
    const cost = this.#cost.summarise({ isPooled: this.#target.server.pooler === true });
    const warnings = this.#warn(judged.validity, steps);
    return {
      stoppedBy: end?.stoppedBy ?? 'interrupted',
      ...(end?.reason === undefined ? {} : { reason: end.reason }),
      ...judged,
      metrics,
      boundaries: this.#run.boundaries,
      errors: this.#errors.list(),
      ...(notices.length === 0 ? {} : { notices }),
      rates: this.#rates(),
      steps,
      ...this.#summariseWindows(),
      slowest: summariseSlowest(this.#run.whole, this.#slowest.list()),
      generator: this.#summariseGenerator(),
      ...this.#summariseSessions(),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(scram === undefined ? {} : { scram }),
      ...(this.#crowd === undefined ? {} : { crowd: this.#crowd }),
      ...(cost === undefined ? {} : { cost }),
      ...(watch === undefined ? {} : { watch }),
      capacity,
      bottleneck: this.#findBottleneck(figures.validity, capacity),
    };
  }

  /** Times since the leg's T0, as everywhere here. */
  add(record: StreamRecord): void {
    this.#search?.add(record);
    this.#cost.add(record);
    if (record.type === 'step') this.#addStep(record);
    else if (record.type === 'interval') this.#addInterval(record);
    else if (record.type === 'watch') this.#watch.add(record);
    else if (record.type === 'decision') this.#addDecision(record);
    else if (record.type === 'sample' || record.type === 'probe') this.#probes.add(record);
    if (record.type === 'sample') this.#disturbance.add(record);
    if (record.type === 'sample' && record.probe === 'generator') this.#addSample(record);
  }

  #addStep(record: StepOpenedRecord): void {
    if (record.index !== this.#steps.length)
      throw new RangeError(`step ${record.index} is not the next`);
    const { type: _, ...step } = record;
    this.#steps.push(foldStep(step, this.#keys));
  }

  /** The kill switch has ended the step of a search: it was no longer than that. */
  #addDecision({ decision, atUs }: DecisionRecord): void {
    const step = this.#steps.at(-1);
    if (decision === 'endStep' && step !== undefined) cutStep(step, atUs);
  }

  /** Where connstorm's own arithmetic kept logins waiting, no rate is the server's. A wall is no rate: whoever refuses says why. */
  #findCapacity({ reasons }: Validity, end: SearchEnd | undefined): Capacity | null {
    const capacity = this.#search?.capacity(end) ?? null;
    const own = reasons.find(({ code }) => code === 'SCRAM_CPU');
    if (capacity === null || own === undefined || capacity.kind === 'wall') return capacity;
    const answer = { kind: 'invalid', upperPerSecond: null, reason: own.message } as const;
    const { underGoal } = capacity;
    // Within the goal no more is known either.
    return {
      ...capacity,
      ...answer,
      ...(underGoal === undefined ? {} : { underGoal: { ...underGoal, ...answer } }),
    };
  }

  #findBottleneck({ reasons }: Validity, capacity: Capacity | null): Bottleneck | null {
    return findBottleneck({
      steps: this.#steps,
      ranUntilUs: this.#listRanUntilUs(),
      probes: this.#probes,
      errors: this.#errors.list(),
      target: this.#target,
      reasons,
      search: capacity === null ? undefined : { capacity, steps: this.#search?.steps ?? [] },
    });
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
    const begun = interval.steps.reduce((sum, { counts }) => sum + counts.started, 0);
    this.#limits.addConnects(interval.toUs, begun);
    for (const error of interval.errors) this.#errors.add(error);
    for (const notice of interval.notices ?? []) this.#notices.add(notice);
    for (const attempt of interval.slowest) this.#slowest.add(attempt);
    for (const storm of interval.reconnects ?? []) this.#leg.reconnects.add(storm);
    if (interval.crowd !== undefined) this.#crowd = addCrowds(this.#crowd, interval.crowd);
    this.#windows?.add(interval, this.#isClosed);
    this.#leg.last = interval;
  }

  /** Of a load of one step. */
  get #isClosed(): boolean {
    return this.#steps[0]?.record.loop === 'closed';
  }

  #summariseWindows(): Pick<SummaryRecord, 'windows'> {
    const windows =
      this.#windows?.summarise(this.#isClosed, {
        ranUntilUs: this.#listRanUntilUs(),
        endedUs: this.#legs.map(({ last }) => last.toUs),
      }) ?? [];
    return windows.length === 0 ? {} : { windows };
  }

  #addSample(sample: GeneratorSample): void {
    const { cpuUs, hostBusyUs, hostTotalUs, atUs, elapsedUs } = sample;
    this.#evidence.add(sample);
    this.#limits.add(sample);
    const middleUs = atUs - elapsedUs / 2;
    for (const { record, evidence, delays } of this.#steps) {
      delays.add(sample);
      const isMost = middleUs >= record.fromUs && middleUs < record.toUs;
      const touches = atUs > record.fromUs && atUs - elapsedUs < record.toUs;
      if (touches) evidence.add(sample, isMost);
    }
    this.#cpu.ownUs += cpuUs;
    this.#cpu.busyUs += hostBusyUs;
    this.#cpu.totalUs += hostTotalUs;
  }

  #summariseMetrics(): SummaryRecord['metrics'] {
    const entries = PRINTED_METRICS.filter((metric) => isTold(metric, this.#run)).map(
      (metric) => [metric, this.#run.summarise(metric, this.#inFlight())] as const,
    );
    return Object.fromEntries(
      entries.filter(([, { count, censored }]) => count > 0 || (censored ?? 0) > 0),
    );
  }

  /** Steps that the run did not reach are left out. */
  #summariseSteps(): StepSummary[] {
    const ranUntilUs = this.#listRanUntilUs();
    const judged = this.#search?.steps;
    return this.#steps
      .filter(({ record }) => ranUntilUs.some((untilUs) => record.fromUs < untilUs))
      .map((step) => {
        const summary = summariseStep(step, ranUntilUs);
        return judged === undefined ? summary : agreeWithSearch(summary, judged[step.record.index]);
      });
  }

  #judge(steps: StepSummary[]): Pick<SummaryRecord, 'accounting' | 'connections' | 'validity'> {
    const accounting: Accounting = { ...this.#run.counts, inFlight: this.#inFlight() };
    const connections: ConnectionAccounting = {
      ...this.#run.connections,
      open: this.#legs.reduce((sum, { last }) => sum + last.open, 0),
    };
    const validity = judgeRun({
      accounting,
      lostConnections: connections.lost,
      violations: this.#findViolations(accounting, connections),
      scram: this.#scram(),
      okServiceTime: this.#run.okServiceTime,
      figures: {
        ok: accounting.ok,
        okLatency: this.#run.okLatency,
        lateness: this.#run.summarise('lateness', accounting.inFlight),
        localFailures: this.#run.localFailures,
        keys: this.#keys,
        scram: this.#scram(),
        generator: this.#evidence,
        // Of several steps each is judged by itself.
        ...(this.#steps.length === 1 ? this.#steps.map(pickClosed)[0] : {}),
      },
      steps: steps.map((step) => step.validity),
    });
    return { accounting, connections, validity };
  }

  #findViolations(accounting: Accounting, connections: ConnectionAccounting): string[] {
    const complete = this.#legs.every(({ end }) => end !== undefined);
    const sessions = this.#sessions();
    return [
      ...checkAccounting(accounting, connections, { complete, sessions: sessions !== undefined }),
      ...(sessions === undefined ? [] : checkSessions(sessions, accounting, { complete })),
      ...(sessions === undefined ? [] : checkReconnects(this.#storms(), sessions)),
      ...checkHistograms(this.#run),
      ...this.#findMissingArrivals(accounting),
    ];
  }

  /** Only for open loops: how often a closed loop connects is not known beforehand. */
  #findMissingArrivals(accounting: Accounting): string[] {
    const { arrivalCount } = this.#plan;
    const isAll = this.#legs.every(({ end }) => end?.stoppedBy === 'end');
    if (!isAll || arrivalCount === null) return [];
    const due = accounting.due - this.#run.closed.counts.due;
    const planned = arrivalCount * this.#legs.length;
    return due === planned
      ? []
      : [`due ${due} is not the plan's ${planned} ${nounOf(planned, 'arrival')}`];
  }

  /** undefined where there are none. */
  #sessions(): SessionAccounting | undefined {
    const { sessions } = this.#run;
    if (sessions.begun === 0) return undefined;
    return {
      ...sessions,
      waiting: this.#legs.reduce((sum, { last }) => sum + (last.waiting ?? 0), 0),
    };
  }

  #summariseSessions(): Pick<SummaryRecord, 'sessions'> {
    const sessions = this.#sessions();
    if (sessions === undefined) return {};
    return {
      sessions: summariseSessions(sessions, {
        dropped: this.#run.counts.dropped,
        started: this.#run.counts.started,
        storms: this.#storms(),
        windowUs: this.#windowUs(),
        goalUs: this.#plan.goalUs,
      }),
    };
  }

  #storms(): ReconnectStorm[] {
    return this.#legs.flatMap(({ reconnects }) => reconnects.list());
  }

  #rates(): SummaryRecord['rates'] {
    const windowUs = this.#windowUs();
    const completed = this.#steps.reduce((sum, { tally }) => sum + tally.completed, 0);
    return {
      windowUs,
      offeredPerSecond: perSecond(this.#run.counts.due, windowUs),
      achievedPerSecond: perSecond(completed, this.#measuredUs() ?? windowUs),
    };
  }

  /** The time that arrivals came, of all legs; of a search that of its steps. */
  #windowUs(): number {
    if (this.#search !== undefined) return this.#searchedUs();
    return this.#listRanUntilUs().reduce((sum, us) => sum + us, 0);
  }

  #searchedUs(): number {
    return this.#sumSteps(({ fromUs, toUs }) => [fromUs, toUs]);
  }

  /** Of a search: the parts of its steps that are measured; undefined without one. */
  #measuredUs(): number | undefined {
    if (this.#search === undefined) return undefined;
    return this.#sumSteps(({ fromUs, toUs, measureFromUs = fromUs, measureToUs = toUs }) => [
      measureFromUs,
      measureToUs,
    ]);
  }

  /** Of a part of each step, what has run. */
  #sumSteps(partOf: (step: StepRecord) => [number, number]): number {
    const untilUs = Math.max(0, ...this.#listRanUntilUs());
    return this.#steps.reduce((sum, { record }) => {
      const [fromUs, toUs] = partOf(record);
      return sum + Math.max(0, Math.min(toUs, untilUs) - fromUs);
    }, 0);
  }

  /** By leg. */
  #listRanUntilUs(): number[] {
    return this.#legs.map((leg) => this.#ranUntilUs(leg));
  }

  /** Until when arrivals came: all of the plan, or less where the leg was stopped or the file cut off. */
  #ranUntilUs({ last, end }: Leg): number {
    const { durationUs, search } = this.#plan;
    if (search !== undefined) return end?.stopAtUs ?? end?.atUs ?? last.toUs;
    if (end === undefined) return Math.min(last.toUs, durationUs);
    const { stoppedBy, stopAtUs, atUs } = end;
    return stoppedBy === 'end' ? durationUs : Math.min(stopAtUs ?? atUs, durationUs);
  }

  #inFlight(): number {
    return this.#legs.reduce((sum, { last }) => sum + last.inFlight, 0);
  }

  #scram(): SummaryRecord['scram'] {
    return mergeScram(this.#legs.flatMap(({ end }) => end?.scram ?? []));
  }

  get #leg(): Leg {
    const leg = this.#legs.at(-1);
    if (leg === undefined) throw new RangeError('it belongs to no leg');
    return leg;
  }

  #summariseGenerator(): SummaryRecord['generator'] {
    const { ownUs, busyUs, totalUs } = this.#cpu;
    if (totalUs === 0) return null;
    const shares = { cpuShare: ownUs / totalUs, hostBusyShare: busyUs / totalUs };
    return { ...shares, ...this.#evidence.summarise() };
  }

  #warnOfSlowKeys(): Reason[] {
    const { okServiceTime } = this.#run;
    return warnOfSlowKeys({ scram: this.#scram(), okServiceTime, keys: this.#keys });
  }

  /** What is said as a reason already is not said again. */
  #warn(validity: Validity, steps: readonly StepSummary[]): Reason[] {
    const told = [validity, ...steps.map((step) => step.validity)].flatMap(
      ({ reasons }) => reasons,
    );
    const codes = new Set(told.map(({ code }) => code));
    const found = [
      ...this.#evidence.warn(),
      ...this.#limits.warn(this.#environment),
      ...warnOfDisturbance(this.#disturbance.summarise(), { isOneLeg: this.#legs.length === 1 }),
      ...(codes.has('SCRAM_CPU') ? [] : this.#warnOfSlowKeys()),
      ...warnOfOldBackends(this.#run),
    ];
    return found.filter(({ code }) => !codes.has(code));
  }
}

/** Counts the pairs of a local and a remote address. A Unix socket has no ports. */
function countPairs(
  { connection }: HeaderRecord['spec'],
  { address, hosts }: HeaderRecord['target'],
): number {
  if (address.startsWith('/')) return 0;
  const { localAddresses } = (connection ?? {}) as { localAddresses?: unknown };
  const local = Array.isArray(localAddresses) ? Math.max(1, localAddresses.length) : 1;
  return local * (hosts?.length ?? 1);
}

/** A search that ended before its time, as connstorm or the target gave out, has not measured what it was to. */
function judgeCapacity(
  validity: Validity,
  capacity: Capacity | null,
  lostTo: string | undefined,
): Validity {
  if (lostTo !== undefined) {
    const message = `the search was cut short: ${lostTo}`;
    return toValidity([...validity.reasons, { code: 'TARGET_GAVE_OUT', message }]);
  }
  if (capacity?.kind !== 'invalid') return validity;
  const message = `no capacity was found: ${capacity.reason}`;
  return toValidity([...validity.reasons, { code: 'CAPACITY_INVALID', message }]);
}
