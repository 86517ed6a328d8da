import { addCrowds } from '../model/crowd.ts';
import type { Failure } from '../model/measures.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';
import { CrowdMeter } from './crowd-meter.ts';
import { type EndedSession, recordSession, type SessionOutcome } from './ended-session.ts';
import type { StepTally } from './interval.ts';
import {
  dueOf,
  type EndedAttempt,
  type FirstQueryTimes,
  isCensored,
  keepSlow,
  type OkAttempt,
  recordPhases,
  recordServerTimes,
} from './ok-attempt.ts';
import { OpenIntervals, type RunTotals } from './open-intervals.ts';
import { computeQueueWaitUs, isOlderThanAttempt, type TwoClocks } from './queue-wait.ts';
import type { Completion, RecorderOptions } from './recorder-options.ts';
import { addRecovery, RecoveryMeter } from './recovery/recovery-meter.ts';
import { type RecordedStep, StepWindows } from './step-windows.ts';

/** Samples of the attempts in flight kept per interval. */
const IN_FLIGHT_SAMPLES = 10;

/**
 * The recorder of a run: it turns events into interval records. Events come nearly in time order. An event whose
 * interval is closed already counts in the oldest open one, so that no event is lost. The recorder keeps no reference
 * to an object it is given.
 */
export class Recorder {
  readonly #windows: StepWindows;
  readonly #intervals: OpenIntervals;
  readonly #goalUs: number;
  readonly #completes: Completion;
  readonly #tellsUsable: boolean;
  readonly #countsHosts: boolean;
  /** Connections that are ready and not complete. */
  #incomplete = 0;
  readonly #crowds: CrowdMeter | undefined;
  readonly #recovery: RecoveryMeter | undefined;
  /** The shortest `tcp` so far, in microseconds. See queue-wait.ts. */
  #roundTripUs = Number.POSITIVE_INFINITY;
  /** Attempts that failed since the last ok one, in the order read: between workers it may be wrong by up to 0.1 s. */
  #failedInARow = 0;
  #hasSessions = false;

  constructor(options: RecorderOptions) {
    const { steps, goalUs, intervalUs = 1_000_000, slowestKept = 100 } = options;
    this.#windows = new StepWindows(steps);
    this.#goalUs = goalUs ?? -1;
    this.#completes = options.completes ?? 'ready';
    this.#tellsUsable = options.tellsUsable === true;
    this.#countsHosts = options.countsHosts === true;
    this.#crowds = options.metersCrowds === false ? undefined : new CrowdMeter();
    this.#recovery =
      options.recovery === undefined ? undefined : new RecoveryMeter(options.recovery);
    this.#intervals = new OpenIntervals({
      intervalUs,
      slowestKept,
      takeCrowd: (beforeUs) => this.#crowds?.take(beforeUs),
      takeRecovery: (beforeUs) => this.#recovery?.take(beforeUs),
    });
  }

  /** Adds a step. Its number is the next one. */
  addStep(step: RecordedStep): void {
    this.#windows.add(step);
  }

  /** Returns whether a step's attempts have a due moment. Those of a closed loop have none. */
  isScheduled(step: number): boolean {
    return this.#windows.isScheduled(step);
  }

  /** Counts a dropped arrival, and its lateness: otherwise a hold-up that ends in drops would leave no trace. */
  recordDropped(step: number, atUs: number, latenessUs: number): void {
    const tally = this.#intervals.at(atUs).of(step);
    tally.counts.due++;
    tally.counts.dropped++;
    tally.record('lateness', latenessUs);
    if (this.isScheduled(step)) this.#recovery?.noteDue(atUs - latenessUs, 'dropped');
  }

  recordBegun(step: number, atUs: number, latenessUs: number, host = 0): void {
    const tally = this.#intervals.at(atUs).of(step);
    tally.counts.due++;
    tally.counts.begun++;
    this.#countStarted(tally, host);
    if (!this.isScheduled(step)) return;
    this.#noteLateness(tally, atUs, latenessUs);
    if (!this.#hasSessions) this.#recovery?.noteDue(atUs - latenessUs, 'begun');
  }

  /** Counts a further attempt of a session. Its lateness counts from the moment its wait was over. */
  recordRetried(step: number, atUs: number, latenessUs: number, host = 0): void {
    const tally = this.#intervals.at(atUs).of(step);
    this.#countStarted(tally, host);
    if (this.isScheduled(step)) this.#noteLateness(tally, atUs, latenessUs);
  }

  /** Counts an attempt at the next host of a connect. It has no lateness: it starts when the attempt before has failed. */
  recordNextHost(step: number, atUs: number, host: number): void {
    this.#countStarted(this.#intervals.at(atUs).of(step), host);
    if (this.isScheduled(step)) this.#crowds?.noteBegun(atUs, atUs);
  }

  #countStarted(tally: StepTally, host: number): void {
    tally.counts.started++;
    if (this.#countsHosts) tally.ofHost(host).started++;
  }

  #noteLateness(tally: StepTally, startUs: number, latenessUs: number): void {
    tally.record('lateness', latenessUs);
    this.#crowds?.noteBegun(startUs - latenessUs, startUs);
  }

  recordSessionBegun({ step, wishUs, atUs, isReconnect }: Omit<EndedSession, 'attempts'>): void {
    this.#hasSessions = true;
    const sessions = this.#intervals.at(atUs).of(step).countSessions();
    sessions.begun++;
    if (isReconnect) {
      sessions.reconnects++;
      this.#recovery?.noteCut();
    } else if (this.isScheduled(step)) this.#recovery?.noteDue(wishUs, 'begun');
  }

  recordSessionEnded(session: EndedSession, outcome: SessionOutcome): void {
    recordSession(this.#intervals.at(session.atUs), session, outcome, this.#goalUs);
    const { step, wishUs, atUs, isReconnect } = session;
    if (isReconnect || !this.isScheduled(step)) return;
    this.#recovery?.noteEnded(wishUs, outcome === 'connected' ? atUs - wishUs : undefined);
  }

  recordOk(attempt: OkAttempt): void {
    const { step, scheduledUs, startUs, atUs, boundary } = attempt;
    const interval = this.#intervals.at(atUs);
    const tally = interval.of(step);
    tally.counts.ok++;
    if (this.#countsHosts) tally.countHostOk(attempt.host ?? 0, atUs);
    tally.connections.opened++;
    tally.countBoundary(boundary);
    if (!this.#hasSessions) tally.noteConnected(atUs);
    this.#failedInARow = 0;
    if (this.isScheduled(step)) {
      tally.record('latency', atUs - scheduledUs);
      this.#crowds?.noteEnded(dueOf(attempt), startUs, atUs);
      if (!this.#hasSessions) this.#recovery?.noteEnded(scheduledUs, atUs - scheduledUs);
    }
    this.#recovery?.noteOk(atUs);
    tally.record('serviceTime', atUs - startUs);
    recordPhases(tally, attempt);
    this.#roundTripUs = Math.min(this.#roundTripUs, attempt.tcpUs);
    const queueWaitUs = recordServerTimes(tally, attempt, this.#roundTripUs);
    if (this.#tellsUsable) tally.expectUsable();
    this.#incomplete++;
    this.#noteProgress('ready', step, atUs);
    if (interval.slowest.accepts(atUs - scheduledUs)) {
      interval.slowest.add(keepSlow(attempt, queueWaitUs));
    }
  }

  /**
   * Counts an attempt that did not become ready. A lost attempt has no duration, because its end was not seen.
   * `isPassedOn`: it failed, and the same connect goes on at its next host; so no time of the connect has ended.
   */
  recordEnded(
    attempt: EndedAttempt,
    outcome: 'failed' | 'abandoned' | 'cancelled' | 'lost',
    failure?: Failure,
    isPassedOn = false,
  ): void {
    const { step, scheduledUs, startUs, atUs, host = 0 } = attempt;
    const interval = this.#intervals.at(atUs);
    const tally = interval.of(step);
    tally.counts[outcome]++;
    if (this.#countsHosts) tally.ofHost(host)[outcome]++;
    if (isPassedOn) tally.ofHost(host).passedOn++;
    if (this.isScheduled(step)) {
      this.#crowds?.noteEnded(dueOf(attempt), startUs, atUs);
      // The scheduled moment of a lost attempt is not known. Its second waits for it, and then counts it as slow.
      const isArrivalOver = !this.#hasSessions && !isPassedOn && outcome !== 'lost';
      if (isArrivalOver) this.#recovery?.noteEnded(scheduledUs);
    }
    if (outcome === 'failed') tally.record('failedLatency', atUs - scheduledUs);
    if (outcome === 'failed' && !isPassedOn) {
      this.#failedInARow++;
      interval.failedInARow = Math.max(interval.failedInARow, this.#failedInARow);
    }
    if (!isPassedOn && isCensored(outcome, failure)) {
      if (this.isScheduled(step)) tally.record('censoredLatency', atUs - scheduledUs);
      tally.record('censoredServiceTime', atUs - startUs);
    }
    if (failure === undefined) return;
    if (outcome === 'failed') tally.countFailure(failure, !isPassedOn);
    interval.errors.addFailure('attempt', failure);
  }

  /** Records the times of a first query that was answered at `atUs`. */
  recordFirstQuery(step: number, atUs: number, since: FirstQueryTimes): void {
    const tally = this.#intervals.at(atUs).of(step);
    tally.record('firstQuery', since.scheduledUs);
    tally.record('firstQueryServiceTime', since.startUs);
    tally.record('query', since.readyUs);
    this.#noteProgress('firstQuery', step, atUs);
  }

  /** The last statement was answered. */
  recordUsable(step: number, atUs: number, since: Omit<FirstQueryTimes, 'readyUs'>): void {
    const tally = this.#intervals.at(atUs).of(step);
    tally.record('usable', since.scheduledUs);
    tally.record('usableServiceTime', since.startUs);
    this.#noteProgress('usable', step, atUs);
  }

  /** Records the age that a sampled backend reported. Call it after `recordOk` of the same attempt. */
  recordBackendAge(step: number, atUs: number, clocks: TwoClocks): void {
    const tally = this.#intervals.at(atUs).of(step);
    if (isOlderThanAttempt(clocks)) {
      tally.serverTimes.older++;
      return;
    }
    tally.serverTimes.sampled++;
    tally.record('queueWaitEstimate', computeQueueWaitUs(clocks, this.#roundTripUs));
  }

  /** Counts a notice that the server or a pooler sent in a login or a first query. */
  recordNotice(atUs: number, { severity, code, message }: NoticeSaid): void {
    this.#intervals.at(atUs).notices.add({ severity: severity ?? null, code, message, count: 1 });
  }

  /** Records a close. `closeUs`: until the server's FIN, or, if `isSeen` is false, until connstorm stopped waiting. */
  recordClose(step: number, atUs: number, closeUs: number, isSeen: boolean): void {
    this.#intervals
      .at(atUs)
      .of(step)
      .record(isSeen ? 'close' : 'censoredClose', closeUs);
  }

  recordConnectionEnd(
    step: number,
    atUs: number,
    outcome: 'closed' | 'queryFailed' | 'cut' | 'lost',
    failure?: Failure,
  ): void {
    const interval = this.#intervals.at(atUs);
    interval.of(step).connections[outcome]++;
    if (outcome === 'queryFailed') this.#incomplete = Math.max(0, this.#incomplete - 1);
    if (failure !== undefined) interval.errors.addFailure('connection', failure);
  }

  /** Ends the windows of all steps when arrivals are stopped. What becomes ready later counts in no step's window. */
  stopWindows(atUs: number): void {
    this.#windows.stop(atUs);
  }

  /** Samples how many attempts are in flight, as far as events have been recorded; at most 10 times an interval. */
  noteInFlight(atUs: number): void {
    if (atUs < 0) return;
    const { inFlightSamples } = this.#intervals.at(atUs);
    if (inFlightSamples.length === IN_FLIGHT_SAMPLES) return;
    inFlightSamples.push(this.#intervals.sum().accounting.inFlight + this.#incomplete);
  }

  /** Closes every interval that ended at `beforeUs` or earlier, also empty ones. Returns their records. */
  closeIntervals(beforeUs: number): IntervalRecord[] {
    return this.#intervals.close(beforeUs);
  }

  /** Closes everything that is left. The last interval ends at `atUs`, or at its full length if a later event came. */
  closeAll(atUs: number): IntervalRecord[] {
    const records = this.#intervals.end(atUs);
    const last = records.at(-1);
    if (last === undefined) return records;
    const crowd = this.#crowds?.take(Number.POSITIVE_INFINITY);
    const recovery = this.#recovery?.take(Number.POSITIVE_INFINITY);
    const rest = {
      ...(crowd === undefined ? {} : { crowd: addCrowds(last.crowd, crowd) }),
      ...(recovery === undefined
        ? {}
        : { recovery: addRecovery(last.recovery ?? { gaps: [] }, recovery) }),
    };
    return [...records.slice(0, -1), { ...last, ...rest }];
  }

  /** Closes all intervals, the current one at `atUs`. The next one begins where it ended. Returns the records. */
  cut(atUs: number): IntervalRecord[] {
    return this.#intervals.cut(atUs);
  }

  /** Returns the totals of the run so far, open intervals included. */
  accounting(): RunTotals {
    return this.#intervals.sum();
  }

  #noteProgress(reached: Completion, step: number, atUs: number): void {
    if (reached !== this.#completes) return;
    this.#incomplete--;
    const window = this.#windows.find(step, atUs);
    if (window !== undefined) this.#intervals.at(atUs).of(window).completed++;
  }
}

export interface NoticeSaid {
  /** The severity of the notice; absent if the server sent none. */
  severity?: string;
  code: string;
  message: string;
}
