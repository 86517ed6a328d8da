import { addCrowds } from '../model/crowd.ts';
import type { Failure } from '../model/measures.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';
import { CrowdMeter } from './crowd-meter.ts';
import { type EndedSession, recordSession, type SessionOutcome } from './ended-session.ts';
import type { StepTally } from './interval.ts';
import {
  type EndedAttempt,
  keepSlow,
  type OkAttempt,
  recordPhases,
  recordServerTimes,
} from './ok-attempt.ts';
import { OpenIntervals, type RunTotals } from './open-intervals.ts';
import { computeQueueWaitUs, isOlderThanAttempt, type TwoClocks } from './queue-wait.ts';
import { type RecordedStep, StepWindows } from './step-windows.ts';

export interface RecorderOptions {
  steps: readonly RecordedStep[];
  /** A session connected within it counts as such; undefined: there is no goal. */
  goalUs?: number | undefined;
  /** What makes a connect complete. `ready` unless given. */
  completes?: Completion;
  /** Whether connections are recorded as usable. Intervals then hold histograms of it, even without a value. */
  tellsUsable?: boolean;
  /** Whether to tell how crowded it was when attempts began. True unless given. */
  metersCrowds?: boolean;
  intervalUs?: number;
  /** Slow attempts kept whole per interval. */
  slowestKept?: number;
}

/**
 * What makes a connect complete; until then it is in flight. A search counts what is complete, and a pooler has clients
 * ready that its server cannot serve.
 */
export type Completion = 'ready' | 'firstQuery' | 'usable';

/** Until the first query's result, in microseconds. */
export interface FirstQueryTimes {
  /** From the scheduled arrival; in a closed loop from the start. */
  scheduledUs: number;
  /** From the actual start, so that it holds no lateness. */
  startUs: number;
  /** From ReadyForQuery. */
  readyUs: number;
}

/** Kept of an interval. */
const IN_FLIGHT_SAMPLES = 10;

/**
 * Turns the events of a run into interval records. Events come nearly in the order of time: one whose interval is
 * closed already counts in the oldest open one, so that none is ever lost. Keeps no object it is given.
 */
export class Recorder {
  readonly #windows: StepWindows;
  readonly #intervals: OpenIntervals;
  readonly #goalUs: number;
  readonly #completes: Completion;
  readonly #tellsUsable: boolean;
  /** Connections that are ready and not complete. */
  #incomplete = 0;
  readonly #crowds: CrowdMeter | undefined;
  /** The shortest `tcp` so far, see queue-wait.ts. */
  #roundTripUs = Number.POSITIVE_INFINITY;
  /** Attempts that failed since the last ok one, in the order they are read: of several workers up to 0.1 s apart. */
  #failedInARow = 0;
  #hasSessions = false;

  constructor(options: RecorderOptions) {
    const { steps, goalUs, intervalUs = 1_000_000, slowestKept = 100 } = options;
    this.#windows = new StepWindows(steps);
    this.#goalUs = goalUs ?? -1;
    this.#completes = options.completes ?? 'ready';
    this.#tellsUsable = options.tellsUsable === true;
    this.#crowds = options.metersCrowds === false ? undefined : new CrowdMeter();
    this.#intervals = new OpenIntervals({
      intervalUs,
      slowestKept,
      takeCrowd: (beforeUs) => this.#crowds?.take(beforeUs),
    });
  }

  /** One more step, numbered on. */
  addStep(step: RecordedStep): void {
    this.#windows.add(step);
  }

  /** Whether a step's attempts have a moment they were due: not in a closed loop. */
  isScheduled(step: number): boolean {
    return this.#windows.isScheduled(step);
  }

  /** Lateness is of every arrival, or a hold-up of ours that ends in drops would leave no trace. */
  recordDropped(step: number, atUs: number, latenessUs: number): void {
    const tally = this.#intervals.at(atUs).of(step);
    tally.counts.due++;
    tally.counts.dropped++;
    tally.record('lateness', latenessUs);
  }

  recordBegun(step: number, atUs: number, latenessUs: number): void {
    const tally = this.#intervals.at(atUs).of(step);
    tally.counts.due++;
    tally.counts.begun++;
    tally.counts.started++;
    if (this.isScheduled(step)) this.#noteLateness(tally, atUs, latenessUs);
  }

  /** A further attempt of a session; its lateness counts from the moment its wait was over. */
  recordRetried(step: number, atUs: number, latenessUs: number): void {
    const tally = this.#intervals.at(atUs).of(step);
    tally.counts.started++;
    if (this.isScheduled(step)) this.#noteLateness(tally, atUs, latenessUs);
  }

  #noteLateness(tally: StepTally, startUs: number, latenessUs: number): void {
    tally.record('lateness', latenessUs);
    this.#crowds?.noteBegun(startUs - latenessUs, startUs);
  }

  recordSessionBegun(step: number, atUs: number, isReconnect: boolean): void {
    this.#hasSessions = true;
    const sessions = this.#intervals.at(atUs).of(step).countSessions();
    sessions.begun++;
    if (isReconnect) sessions.reconnects++;
  }

  recordSessionEnded(session: EndedSession, outcome: SessionOutcome): void {
    recordSession(this.#intervals.at(session.atUs), session, outcome, this.#goalUs);
  }

  recordOk(attempt: OkAttempt): void {
    const { step, scheduledUs, startUs, atUs, boundary } = attempt;
    const interval = this.#intervals.at(atUs);
    const tally = interval.of(step);
    tally.counts.ok++;
    tally.connections.opened++;
    tally.countBoundary(boundary);
    if (!this.#hasSessions) tally.noteConnected(atUs);
    this.#failedInARow = 0;
    if (this.isScheduled(step)) {
      tally.record('latency', atUs - scheduledUs);
      this.#crowds?.noteEnded(scheduledUs, startUs, atUs);
    }
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

  /** An attempt that did not become ready. A lost one has no duration: nobody saw its end. */
  recordEnded(
    attempt: EndedAttempt,
    outcome: 'failed' | 'abandoned' | 'cancelled' | 'lost',
    failure?: Failure,
  ): void {
    const { step, scheduledUs, startUs, atUs } = attempt;
    const interval = this.#intervals.at(atUs);
    const tally = interval.of(step);
    tally.counts[outcome]++;
    if (this.isScheduled(step)) this.#crowds?.noteEnded(scheduledUs, startUs, atUs);
    if (outcome === 'failed') {
      tally.record('failedLatency', atUs - scheduledUs);
      this.#failedInARow++;
      interval.failedInARow = Math.max(interval.failedInARow, this.#failedInARow);
    }
    if (isCensored(outcome, failure)) {
      if (this.isScheduled(step)) tally.record('censoredLatency', atUs - scheduledUs);
      tally.record('censoredServiceTime', atUs - startUs);
    }
    if (failure === undefined) return;
    if (outcome === 'failed') tally.countFailure(failure);
    interval.errors.addFailure('attempt', failure);
  }

  /** The first query was answered: how long after the attempt was due, after it was started, and after ReadyForQuery. */
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

  /** What a sampled backend said of its age; comes after the attempt itself. */
  recordBackendAge(step: number, atUs: number, clocks: TwoClocks): void {
    const tally = this.#intervals.at(atUs).of(step);
    if (isOlderThanAttempt(clocks)) {
      tally.serverTimes.older++;
      return;
    }
    tally.serverTimes.sampled++;
    tally.record('queueWaitEstimate', computeQueueWaitUs(clocks, this.#roundTripUs));
  }

  /** The server or a pooler said something in a login or a first query. */
  recordNotice(atUs: number, { severity, code, message }: NoticeSaid): void {
    this.#intervals.at(atUs).notices.add({ severity: severity ?? null, code, message, count: 1 });
  }

  /** `closeUs`: from Terminate to the server's FIN, or to where we stopped waiting for it. */
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

  /** Arrivals were stopped: what becomes ready while the rest drains was achieved in no step's window. */
  stopWindows(atUs: number): void {
    this.#windows.stop(atUs);
  }

  /** Keeps how many attempts are in flight at this moment, of those that were told of; a sample too many is left out. */
  noteInFlight(atUs: number): void {
    if (atUs < 0) return;
    const { inFlightSamples } = this.#intervals.at(atUs);
    if (inFlightSamples.length === IN_FLIGHT_SAMPLES) return;
    inFlightSamples.push(this.#intervals.sum().accounting.inFlight + this.#incomplete);
  }

  /** Closes every interval that ended at `beforeUs` or earlier, also those in which nothing happened. */
  closeIntervals(beforeUs: number): IntervalRecord[] {
    return this.#intervals.close(beforeUs);
  }

  /** Closes all that is left; the last interval ends at `atUs`, or whole where an event came later than that. */
  closeAll(atUs: number): IntervalRecord[] {
    const records = this.#intervals.end(atUs);
    const last = records.at(-1);
    const crowd = this.#crowds?.take(Number.POSITIVE_INFINITY);
    if (last === undefined || crowd === undefined) return records;
    return [...records.slice(0, -1), { ...last, crowd: addCrowds(last.crowd, crowd) }];
  }

  /** Closes the interval that goes on as well, at `atUs`; the next begins where it ends. */
  cut(atUs: number): IntervalRecord[] {
    return this.#intervals.cut(atUs);
  }

  /** Totals of the run so far, open intervals included. */
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
  /** Absent: not told. */
  severity?: string;
  code: string;
  message: string;
}

/** Whether we stopped waiting, so that the attempt's duration is only known to be at least something. */
function isCensored(outcome: string, failure: Failure | undefined): boolean {
  if (outcome === 'failed') return failure?.layer === 'timeout';
  return outcome === 'cancelled' || outcome === 'abandoned';
}
