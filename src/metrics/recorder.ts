import {
  addCounts,
  countEnded,
  countEndedConnections,
  countEndedSessions,
  type SessionCounts,
  zeroConnections,
  zeroCounts,
  zeroSessions,
} from '../model/accounting.ts';
import { addCrowds } from '../model/crowd.ts';
import type { Accounting, ConnectionAccounting, SessionAccounting } from '../model/ledgers.ts';
import type { Failure } from '../model/measures.ts';
import type { StepRecord } from '../result/records/header.ts';
import type { IntervalRecord } from '../result/records/intervals.ts';
import { CrowdMeter } from './crowd-meter.ts';
import { OpenInterval, type StepTally } from './interval.ts';
import {
  type EndedAttempt,
  keepSlow,
  type OkAttempt,
  recordPhases,
  recordServerTimes,
} from './ok-attempt.ts';
import { computeQueueWaitUs, isOlderThanAttempt, type TwoClocks } from './queue-wait.ts';

export interface RecorderOptions {
  steps: readonly RecordedStep[];
  /** A session connected within it counts as such; undefined: there is no goal. */
  goalUs?: number | undefined;
  /**
   * A connect is complete with its first query's result, and in flight until then; else when it is ready. For who looks for what is
   * sustained: a pooler has clients ready that its server cannot serve.
   */
  isCompleteAnswered?: boolean;
  /** Whether to tell how crowded it was when attempts began. True unless given. */
  metersCrowds?: boolean;
  intervalUs?: number;
  /** Slow attempts kept whole per interval. */
  slowestKept?: number;
}

/** A search tells which part of a step is measured. */
export type RecordedStep = Pick<
  StepRecord,
  'index' | 'fromUs' | 'toUs' | 'block' | 'loop' | 'measureFromUs' | 'measureToUs'
>;

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
  readonly #steps: RecordedStep[];
  readonly #goalUs: number;
  readonly #isCompleteAnswered: boolean;
  /** Connections whose first query is not answered yet; of those that count as complete when they are ready none. */
  #unanswered = 0;
  readonly #crowds: CrowdMeter | undefined;
  readonly #intervalUs: number;
  readonly #slowestKept: number;
  /** Open intervals by number, counted from `#baseUs`; `#first` is the oldest that may still be opened. */
  readonly #open = new Map<number, OpenInterval>();
  #baseUs = 0;
  #first = 0;
  #over = false;
  /** The shortest `tcp` so far, see queue-wait.ts. */
  #roundTripUs = Number.POSITIVE_INFINITY;
  /** The end of arrivals, where they are stopped before the plan's end. */
  #stopUs = Number.POSITIVE_INFINITY;
  readonly #closedCounts = zeroCounts();
  readonly #closedConnections = zeroConnections();
  /** undefined until there is a session. */
  #closedSessions: SessionCounts | undefined;
  /** Attempts that failed since the last ok one, in the order they are read: of several workers up to 0.1 s apart. */
  #failedInARow = 0;
  #hasSessions = false;

  constructor(options: RecorderOptions) {
    const { steps, goalUs, intervalUs = 1_000_000, slowestKept = 100 } = options;
    this.#steps = [...steps];
    this.#goalUs = goalUs ?? -1;
    this.#isCompleteAnswered = options.isCompleteAnswered === true;
    this.#crowds = options.metersCrowds === false ? undefined : new CrowdMeter();
    this.#intervalUs = intervalUs;
    this.#slowestKept = slowestKept;
  }

  /** One more step, numbered on. */
  addStep(step: RecordedStep): void {
    this.#steps.push(step);
  }

  /** Whether a step's attempts have a moment they were due: not in a closed loop. */
  isScheduled(step: number): boolean {
    return this.#steps[step]?.loop !== 'closed';
  }

  /** Lateness is of every arrival, or a hold-up of ours that ends in drops would leave no trace. */
  recordDropped(step: number, atUs: number, latenessUs: number): void {
    const tally = this.#at(atUs).of(step);
    tally.counts.due++;
    tally.counts.dropped++;
    tally.record('lateness', latenessUs);
  }

  recordBegun(step: number, atUs: number, latenessUs: number): void {
    const tally = this.#at(atUs).of(step);
    tally.counts.due++;
    tally.counts.begun++;
    tally.counts.started++;
    if (this.isScheduled(step)) this.#noteLateness(tally, atUs, latenessUs);
  }

  /** A further attempt of a session; its lateness counts from the moment its wait was over. */
  recordRetried(step: number, atUs: number, latenessUs: number): void {
    const tally = this.#at(atUs).of(step);
    tally.counts.started++;
    if (this.isScheduled(step)) this.#noteLateness(tally, atUs, latenessUs);
  }

  #noteLateness(tally: StepTally, startUs: number, latenessUs: number): void {
    tally.record('lateness', latenessUs);
    this.#crowds?.noteBegun(startUs - latenessUs, startUs);
  }

  recordSessionBegun(step: number, atUs: number, isReconnect: boolean): void {
    this.#hasSessions = true;
    const sessions = this.#at(atUs).of(step).countSessions();
    sessions.begun++;
    if (isReconnect) sessions.reconnects++;
  }

  recordSessionEnded(session: EndedSession, outcome: SessionOutcome): void {
    const { step, wishUs, atUs, attempts, isReconnect } = session;
    const interval = this.#at(atUs);
    const tally = interval.of(step);
    const sessions = tally.countSessions();
    sessions[outcome]++;
    const latencyUs = atUs - wishUs;
    if (outcome === 'connected') {
      sessions.attempts += attempts;
      if (latencyUs <= this.#goalUs) sessions.withinGoal++;
      if (!isReconnect) tally.noteConnected(atUs);
      tally.record('sessionLatency', latencyUs);
    } else if (outcome !== 'lost') tally.record('censoredSessionLatency', latencyUs);
    if (isReconnect) interval.reconnects.addSession(wishUs, atUs, RECONNECT_OUTCOMES[outcome]);
  }

  recordOk(attempt: OkAttempt): void {
    const { step, scheduledUs, startUs, atUs, boundary } = attempt;
    const interval = this.#at(atUs);
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
    if (this.#isCompleteAnswered) this.#unanswered++;
    else this.#countCompleted(step, atUs);
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
    const interval = this.#at(atUs);
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
    const tally = this.#at(atUs).of(step);
    tally.record('firstQuery', since.scheduledUs);
    tally.record('firstQueryServiceTime', since.startUs);
    tally.record('query', since.readyUs);
    if (!this.#isCompleteAnswered) return;
    this.#unanswered--;
    this.#countCompleted(step, atUs);
  }

  /** What a sampled backend said of its age; comes after the attempt itself. */
  recordBackendAge(step: number, atUs: number, clocks: TwoClocks): void {
    const tally = this.#at(atUs).of(step);
    if (isOlderThanAttempt(clocks)) {
      tally.serverTimes.older++;
      return;
    }
    tally.serverTimes.sampled++;
    tally.record('queueWaitEstimate', computeQueueWaitUs(clocks, this.#roundTripUs));
  }

  /** The server or a pooler said something in a login or a first query. */
  recordNotice(atUs: number, { severity, code, message }: NoticeSaid): void {
    this.#at(atUs).notices.add({ severity: severity ?? null, code, message, count: 1 });
  }

  /** `closeUs`: from Terminate to the server's FIN, or to where we stopped waiting for it. */
  recordClose(step: number, atUs: number, closeUs: number, isSeen: boolean): void {
    this.#at(atUs)
      .of(step)
      .record(isSeen ? 'close' : 'censoredClose', closeUs);
  }

  recordConnectionEnd(
    step: number,
    atUs: number,
    outcome: 'closed' | 'queryFailed' | 'cut' | 'lost',
    failure?: Failure,
  ): void {
    const interval = this.#at(atUs);
    interval.of(step).connections[outcome]++;
    if (outcome === 'queryFailed') this.#unanswered = Math.max(0, this.#unanswered - 1);
    if (failure !== undefined) interval.errors.addFailure('connection', failure);
  }

  /** Arrivals were stopped: what becomes ready while the rest drains was achieved in no step's window. */
  stopWindows(atUs: number): void {
    this.#stopUs = Math.min(this.#stopUs, atUs);
  }

  /** Keeps how many attempts are in flight at this moment, of those that were told of; a sample too many is left out. */
  noteInFlight(atUs: number): void {
    if (atUs < 0) return;
    const { inFlightSamples } = this.#at(atUs);
    if (inFlightSamples.length === IN_FLIGHT_SAMPLES) return;
    inFlightSamples.push(this.accounting().accounting.inFlight + this.#unanswered);
  }

  /** Closes every interval that ended at `beforeUs` or earlier, also those in which nothing happened. */
  closeIntervals(beforeUs: number): IntervalRecord[] {
    const records: IntervalRecord[] = [];
    while (this.#endOf(this.#first) <= beforeUs) {
      records.push(this.#closeFirst(this.#endOf(this.#first)));
    }
    return records;
  }

  /** Closes all that is left; the last interval ends at `atUs`, or whole where an event came later than that. */
  closeAll(atUs: number): IntervalRecord[] {
    const records = this.cut(atUs);
    this.#over = true;
    const last = records.at(-1);
    const crowd = this.#crowds?.take(Number.POSITIVE_INFINITY);
    if (last === undefined || crowd === undefined) return records;
    return [...records.slice(0, -1), { ...last, crowd: addCrowds(last.crowd, crowd) }];
  }

  /** Closes the interval that goes on as well, at `atUs`; the next begins where it ends. */
  cut(atUs: number): IntervalRecord[] {
    const records = this.closeIntervals(atUs);
    const last = Math.max(-1, ...this.#open.keys());
    while (this.#first < last) records.push(this.#closeFirst(this.#endOf(this.#first)));
    const fromUs = this.#endOf(this.#first - 1);
    if (last === this.#first || fromUs < atUs) {
      records.push(this.#closeFirst(fromUs < atUs ? atUs : this.#endOf(this.#first)));
    }
    this.#baseUs = records.at(-1)?.toUs ?? fromUs;
    this.#first = 0;
    return records;
  }

  #endOf(number: number): number {
    return this.#baseUs + (number + 1) * this.#intervalUs;
  }

  /** Totals of the run so far, open intervals included. */
  accounting(): {
    accounting: Accounting;
    connections: ConnectionAccounting;
    sessions?: SessionAccounting;
  } {
    const counts = { ...this.#closedCounts };
    const connections = { ...this.#closedConnections };
    const sessions = { ...(this.#closedSessions ?? zeroSessions()) };
    for (const interval of this.#open.values()) {
      addTallies(interval, counts, connections);
      addSessions(interval, sessions);
    }
    const waiting = sessions.begun - countEndedSessions(sessions);
    return {
      ...(sessions.begun === 0 ? {} : { sessions: { ...sessions, waiting } }),
      accounting: { ...counts, inFlight: counts.started - countEnded(counts) },
      connections: {
        ...connections,
        open: connections.opened - countEndedConnections(connections),
      },
    };
  }

  #at(atUs: number): OpenInterval {
    if (this.#over)
      throw new Error('an event came after the recorder had closed its last interval');
    const number = Math.max(this.#first, Math.floor((atUs - this.#baseUs) / this.#intervalUs));
    return this.#open.get(number) ?? this.#openInterval(number);
  }

  #openInterval(number: number): OpenInterval {
    const interval = new OpenInterval(this.#endOf(number - 1), this.#slowestKept);
    this.#open.set(number, interval);
    return interval;
  }

  #closeFirst(toUs: number): IntervalRecord {
    const interval = this.#open.get(this.#first) ?? this.#openInterval(this.#first);
    this.#open.delete(this.#first);
    this.#first++;
    addTallies(interval, this.#closedCounts, this.#closedConnections);
    const sessions = this.#closedSessions ?? zeroSessions();
    if (addSessions(interval, sessions)) this.#closedSessions = sessions;
    const waiting = sessions.begun - countEndedSessions(sessions);
    const crowd = this.#crowds?.take(toUs);
    return interval.toRecord(toUs, {
      ...(crowd === undefined ? {} : { crowd }),
      ...(this.#closedSessions === undefined ? {} : { waiting }),
      inFlight: this.#closedCounts.started - countEnded(this.#closedCounts),
      open: this.#closedConnections.opened - countEndedConnections(this.#closedConnections),
    });
  }

  #countCompleted(step: number, atUs: number): void {
    const window = this.#windowAt(step, atUs);
    if (window !== undefined) this.#at(atUs).of(window).completed++;
  }

  /** The window of the same block that the moment falls into. */
  #windowAt(step: number, atUs: number): number | undefined {
    if (atUs >= this.#stopUs) return undefined;
    const own = this.#steps[step];
    if (own === undefined || isWithin(own, atUs)) return own?.index;
    return this.#steps.find((other) => other.block === own.block && isWithin(other, atUs))?.index;
  }
}

function isWithin(step: RecordedStep, atUs: number): boolean {
  const { measureFromUs = step.fromUs, measureToUs = step.toUs } = step;
  return atUs >= measureFromUs && atUs < measureToUs;
}

export interface NoticeSaid {
  /** Absent: not told. */
  severity?: string;
  code: string;
  message: string;
}

/** A session that is over, at `atUs`; its wish is from `wishUs` on. */
export interface EndedSession {
  step: number;
  wishUs: number;
  atUs: number;
  attempts: number;
  isReconnect: boolean;
}

export type SessionOutcome = 'connected' | 'gaveUp' | 'cancelled' | 'lost';

const RECONNECT_OUTCOMES = {
  connected: 'back',
  gaveUp: 'gaveUp',
  cancelled: 'ended',
  lost: 'ended',
} as const;

/** False where the interval has no sessions. */
function addSessions(interval: OpenInterval, sessions: SessionCounts): boolean {
  let isAny = false;
  for (const tally of interval.tallies) {
    if (tally.sessions === undefined) continue;
    addCounts(sessions, tally.sessions);
    isAny = true;
  }
  return isAny;
}

/** Whether we stopped waiting, so that the attempt's duration is only known to be at least something. */
function isCensored(outcome: string, failure: Failure | undefined): boolean {
  if (outcome === 'failed') return failure?.layer === 'timeout';
  return outcome === 'cancelled' || outcome === 'abandoned';
}

function addTallies(
  interval: OpenInterval,
  counts: ReturnType<typeof zeroCounts>,
  connections: ReturnType<typeof zeroConnections>,
): void {
  for (const tally of interval.tallies) {
    addCounts(counts, tally.counts);
    addCounts(connections, tally.connections);
  }
}
