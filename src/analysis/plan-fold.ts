import { addCrowds, type CrowdRecord } from '../model/crowd.ts';
import { ErrorTable } from '../model/error-table.ts';
import { NoticeTable } from '../model/notices.ts';
import { Slowest } from '../model/slowest.ts';
import type { Bottleneck } from '../result/records/bottleneck.ts';
import type { Capacity } from '../result/records/capacity.ts';
import type { EndRecord } from '../result/records/end.ts';
import type { HeaderRecord } from '../result/records/header.ts';
import type { IntervalRecord, SlowAttempt } from '../result/records/intervals.ts';
import type { DecisionRecord, StepOpenedRecord, StreamRecord } from '../result/records/records.ts';
import type { GeneratorSample } from '../result/records/samples.ts';
import type { Reason, StepSummary, Validity } from '../result/records/summary-figures.ts';
import type { SummaryRecord, VariantSummary } from '../result/records/summary-records.ts';
import type { JudgedMetric } from '../scenario/figure.ts';
import { BackgroundFold, hasActed } from './beside/background.ts';
import { EventsFold } from './beside/events-fold.ts';
import { summariseOwnSessions } from './beside/own-sessions.ts';
import { findBottleneck } from './bottleneck/bottleneck.ts';
import { ProbeLog } from './bottleneck/probe-log.ts';
import { CostFold } from './figures/cost.ts';
import { GeneratorCpu } from './figures/generator-cpu.ts';
import { listServers, summariseHosts } from './figures/hosts.ts';
import { summariseSessions } from './figures/sessions.ts';
import { summariseSlowest } from './figures/slowest.ts';
import { WindowsFold } from './figures/windows.ts';
import { pickClosed } from './folded-step.ts';
import { findViolations, sumLedgers } from './plan-ledgers.ts';
import { PlanLegs } from './plan-legs.ts';
import { type RanPlan, summariseRates, sumWindowUs } from './plan-rates.ts';
import { PlanTallies } from './plan-tallies.ts';
import { RecoveryFold } from './recovery/recovery-fold.ts';
import { describeLoss, findBroken } from './search/given-out.ts';
import { SearchFold } from './search/search-fold.ts';
import { judgeCapacity, limitCapacity } from './validity/capacity-validity.ts';
import { DisturbanceFold, warnOfDisturbance } from './validity/disturbance.ts';
import { GeneratorEvidence } from './validity/generator-evidence.ts';
import { countPairs, LimitsInUse } from './validity/limit-warnings.ts';
import { warnOfOldBackends } from './validity/old-backends.ts';
import { findKeySource, type KeySource, mergeScram } from './validity/scram.ts';
import { warnOfSlowKeys } from './validity/scram-validity.ts';
import { judgeRun } from './validity/validity.ts';
import { WatchFold } from './watch.ts';

/** Sums over a plan: the figures of a round, and those of a variant except its rounds. */
export type PlanFigures = Omit<VariantSummary, 'cpuPerConnectUs' | 'roundsPlanned' | 'rounds'>;

/** 1 % of two million attempts. */
const SLOWEST_KEPT = 20_000;

/** Sums up one plan: one round of a variant, or all its rounds merged. Times are since the T0 of each leg. */
export class PlanFold {
  readonly #plan: HeaderRecord['plan'];
  readonly #legs: PlanLegs;
  readonly #tallies: PlanTallies;
  /** undefined: all steps are planned beforehand. */
  readonly #search: SearchFold | undefined;
  readonly #keys: KeySource;
  readonly #target: HeaderRecord['target'];
  readonly #environment: HeaderRecord['environment'];
  readonly #probes = new ProbeLog();
  readonly #cost = new CostFold();
  readonly #events = new EventsFold();
  readonly #background = new BackgroundFold();
  readonly #recovery = new RecoveryFold();
  readonly #watch = new WatchFold();
  readonly #windows: WindowsFold | undefined;
  readonly #evidence = new GeneratorEvidence();
  readonly #limits: LimitsInUse;
  readonly #disturbance = new DisturbanceFold();
  readonly #errors = new ErrorTable();
  readonly #notices = new NoticeTable();
  readonly #slowest = new Slowest<SlowAttempt>(SLOWEST_KEPT);
  #crowd: CrowdRecord | undefined;
  readonly #cpu = new GeneratorCpu();

  constructor(
    { spec, plan, target }: Pick<HeaderRecord, 'spec' | 'plan' | 'target'>,
    environment: HeaderRecord['environment'],
  ) {
    this.#plan = plan;
    this.#target = target;
    this.#environment = environment;
    this.#keys = findKeySource(spec);
    this.#legs = new PlanLegs(plan);
    this.#tallies = new PlanTallies(plan.steps, this.#keys);
    this.#limits = new LimitsInUse({ pairs: countPairs(spec, target) });
    this.#windows = WindowsFold.of({ plan });
    this.#search = plan.search === undefined ? undefined : new SearchFold(plan.search);
  }

  /** Begins a leg of this round. Called before its records are added. */
  openLeg(round: number): void {
    this.#events.openLeg(round);
    this.#recovery.openLeg(round);
    this.#cost.openLeg();
    this.#disturbance.openLeg();
    this.#limits.openLeg();
    this.#legs.open();
  }

  addEnd(end: Omit<EndRecord, 'type'>): void {
    this.#legs.addEnd(end);
    this.#cost.closeLeg(end);
  }

  /** CPU time of connstorm's process so far, over all legs; 0 without samples. */
  get cpuUs(): number {
    return this.#cpu.ownUs;
  }

  /** Returns the `rank`-th smallest value, in microseconds; 0 without any. */
  valueAtRank(metric: JudgedMetric, rank: number): number {
    return this.#tallies.run.histogram(metric).valueAtRank(rank);
  }

  /** Returns the figures of the records so far. If the last leg has no end, it is `interrupted`. */
  finish(): PlanFigures {
    const steps = this.#tallies.summariseSteps(this.#legs.listRanUntilUs(), this.#search?.steps);
    const end = this.#legs.lastEnd;
    const figures = this.#judge(steps);
    const found = this.#search?.capacity(end) ?? null;
    const capacity = limitCapacity(found, figures.validity);
    const broken = findBroken(this.#search?.steps ?? []);
    const lostTo = broken === undefined ? undefined : describeLoss(broken);
    const judged = { ...figures, validity: judgeCapacity(figures.validity, capacity, lostTo) };
    const scram = this.#scram();
    const notices = this.#notices.list();
    const watch = this.#watch.summarise();
    const events = this.#events.list();
    const background = this.#background.list();
    const isPooled = this.#target.server.pooler === true;
    const ranUntilUs = this.#legs.listRanUntilUs();
    const recovery = this.#recovery.summarise(events, { ranUntilUs, isPooled });
    // Only the first of several servers is sampled, so its CPU is not that of all.
    const isOneServer = listServers(this.#target).length === 1;
    const cost = isOneServer
      ? this.#cost.summarise({ isPooled, isShared: hasActed(background) })
      : undefined;
    const warnings = this.#warn(judged.validity, steps);
    const ownSessions = summariseOwnSessions(this.#target, this.#legs.listEnds());
    return {
      stoppedBy: end?.stoppedBy ?? 'interrupted',
      ...(end?.reason === undefined ? {} : { reason: end.reason }),
      ...judged,
      metrics: this.#tallies.summariseMetrics(this.#legs.inFlight),
      boundaries: this.#tallies.run.boundaries,
      errors: this.#errors.list(),
      ...(notices.length === 0 ? {} : { notices }),
      rates: summariseRates(this.#ran),
      steps,
      ...this.#summariseWindows(),
      slowest: summariseSlowest(this.#tallies.run.whole, this.#slowest.list()),
      generator: this.#summariseGenerator(),
      ...this.#summariseHosts(),
      ...this.#summariseSessions(),
      ...(events.length === 0 ? {} : { events }),
      ...(background.length === 0 ? {} : { background }),
      ...(recovery.length === 0 ? {} : { recovery }),
      ...(warnings.length === 0 ? {} : { warnings }),
      ...(scram === undefined ? {} : { scram }),
      ...(this.#crowd === undefined ? {} : { crowd: this.#crowd }),
      ...(cost === undefined ? {} : { cost }),
      ...(watch === undefined ? {} : { watch }),
      ...(ownSessions === undefined ? {} : { ownSessions }),
      capacity,
      bottleneck: this.#findBottleneck(figures.validity, capacity),
    };
  }

  /** Adds a record. Its times are since the leg's T0. */
  add(record: StreamRecord): void {
    this.#search?.add(record);
    this.#cost.add(record);
    this.#recovery.add(record);
    if (record.type === 'step') this.#addStep(record);
    else if (record.type === 'interval') this.#addInterval(record);
    else if (record.type === 'event') this.#events.add(record);
    else if (record.type === 'background') this.#background.add(record);
    else if (record.type === 'watch') this.#watch.add(record);
    else if (record.type === 'decision') this.#addDecision(record);
    else if (record.type === 'sample' || record.type === 'probe') this.#probes.add(record);
    if (record.type === 'sample') this.#disturbance.add(record);
    if (record.type === 'sample' && record.probe === 'generator') this.#addSample(record);
  }

  #addStep(record: StepOpenedRecord): void {
    const { type: _, ...step } = record;
    this.#tallies.openStep(step);
  }

  /** Shortens the step of a search that the kill switch ended. */
  #addDecision({ decision, atUs }: DecisionRecord): void {
    if (decision === 'endStep') this.#tallies.cutLast(atUs);
  }

  #findBottleneck({ reasons }: Validity, capacity: Capacity | null): Bottleneck | null {
    return findBottleneck({
      steps: this.#tallies.steps,
      ranUntilUs: this.#legs.listRanUntilUs(),
      probes: this.#probes,
      errors: this.#errors.list(),
      target: this.#target,
      reasons,
      search: capacity === null ? undefined : { capacity, steps: this.#search?.steps ?? [] },
    });
  }

  #addInterval(interval: IntervalRecord): void {
    for (const part of interval.steps) this.#tallies.add(part);
    const begun = interval.steps.reduce((sum, { counts }) => sum + counts.started, 0);
    this.#limits.addConnects(interval.toUs, begun);
    for (const error of interval.errors) this.#errors.add(error);
    for (const notice of interval.notices ?? []) this.#notices.add(notice);
    for (const attempt of interval.slowest) this.#slowest.add(attempt);
    if (interval.crowd !== undefined) this.#crowd = addCrowds(this.#crowd, interval.crowd);
    this.#windows?.add(interval, this.#tallies.isClosed);
    this.#legs.addInterval(interval);
  }

  #summariseWindows(): Pick<SummaryRecord, 'windows'> {
    const windows =
      this.#windows?.summarise(this.#tallies.isClosed, {
        ranUntilUs: this.#legs.listRanUntilUs(),
        endedUs: this.#legs.listEndedUs(),
      }) ?? [];
    return windows.length === 0 ? {} : { windows };
  }

  #addSample(sample: GeneratorSample): void {
    this.#cpu.add(sample);
    this.#evidence.add(sample);
    this.#limits.add(sample);
    this.#tallies.addSample(sample);
  }

  #judge(steps: StepSummary[]): Pick<SummaryRecord, 'accounting' | 'connections' | 'validity'> {
    const { run, steps: folded } = this.#tallies;
    const { accounting, connections } = sumLedgers(run, this.#legs);
    const validity = judgeRun({
      accounting,
      lostConnections: connections.lost,
      violations: findViolations(this.#plan, this.#legs, run),
      scram: this.#scram(),
      okServiceTime: run.okServiceTime,
      figures: {
        ok: accounting.ok,
        okLatency: run.okLatency,
        lateness: run.summarise('lateness', accounting.inFlight),
        localFailures: run.localFailures,
        keys: this.#keys,
        scram: this.#scram(),
        generator: this.#evidence,
        // With several steps, each is judged by itself.
        ...(folded.length === 1 ? folded.map(pickClosed)[0] : {}),
      },
      steps: steps.map((step) => step.validity),
    });
    return { accounting, connections, validity };
  }

  #summariseHosts(): Pick<SummaryRecord, 'hosts'> {
    const isOneLeg = this.#legs.count === 1;
    const hosts = summariseHosts(this.#target, this.#tallies.run.hosts, { isOneLeg });
    return hosts === undefined ? {} : { hosts };
  }

  #summariseSessions(): Pick<SummaryRecord, 'sessions'> {
    const { run } = this.#tallies;
    const { sessions } = sumLedgers(run, this.#legs);
    if (sessions === undefined) return {};
    return {
      sessions: summariseSessions(sessions, {
        dropped: run.counts.dropped,
        started: run.counts.started,
        storms: this.#legs.listStorms(),
        windowUs: sumWindowUs(this.#ran),
        goalUs: this.#plan.goalUs,
      }),
    };
  }

  get #ran(): RanPlan {
    const ranUntilUs = this.#legs.listRanUntilUs();
    return { plan: this.#plan, tallies: this.#tallies, ranUntilUs };
  }

  #scram(): SummaryRecord['scram'] {
    return mergeScram(this.#legs.listEnds().flatMap(({ scram }) => scram ?? []));
  }

  #summariseGenerator(): SummaryRecord['generator'] {
    const shares = this.#cpu.summarise();
    if (shares === null) return null;
    return { ...shares, ...this.#evidence.summarise() };
  }

  #warnOfSlowKeys(): Reason[] {
    const { okServiceTime } = this.#tallies.run;
    return warnOfSlowKeys({ scram: this.#scram(), okServiceTime, keys: this.#keys });
  }

  /** Returns the warnings. One with the same code as a reason is left out. */
  #warn(validity: Validity, steps: readonly StepSummary[]): Reason[] {
    const all = [validity, ...steps.map((step) => step.validity)].flatMap(({ reasons }) => reasons);
    const codes = new Set(all.map(({ code }) => code));
    const found = [
      ...this.#evidence.warn(),
      ...this.#limits.warn(this.#environment),
      ...warnOfDisturbance(this.#disturbance.summarise(), { isOneLeg: this.#legs.count === 1 }),
      ...(codes.has('SCRAM_CPU') ? [] : this.#warnOfSlowKeys()),
      ...warnOfOldBackends(this.#tallies.run),
    ];
    return found.filter(({ code }) => !codes.has(code));
  }
}
