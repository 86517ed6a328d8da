import type { Boundary, Failure } from '../model/measures.ts';
import type { SlowAttempt } from '../result/records/intervals.ts';
import type { StepTally } from './interval.ts';
import { computeQueueWaitUs, isOlderThanAttempt } from './queue-wait.ts';

/** Marks an absent duration of an attempt. */
const ABSENT = -1;

/** An attempt that has ended. Moments are microseconds since T0. */
export interface EndedAttempt {
  step: number;
  index: number;
  scheduledUs: number;
  startUs: number;
  /** When the attempt ended, in microseconds since T0; for an ok attempt the moment of ReadyForQuery. */
  atUs: number;
  /** Index of its host; absent: 0. */
  host?: number;
  /** When the first attempt of the same connect began; absent: `startUs`. Later if hosts were tried before this one. */
  connectStartUs?: number;
}

/** Returns the moment from which an attempt was due: a try at a further host is due when the try before it has failed. */
export function dueOf({ scheduledUs, startUs, connectStartUs = startUs }: EndedAttempt): number {
  return connectStartUs === startUs ? scheduledUs : startUs;
}

/** Phases in microseconds, -1 where absent. The present ones add up to atUs - startUs. */
export interface OkAttempt extends EndedAttempt {
  boundary: Boundary;
  tcpUs: number;
  spawnUs: number;
  tlsUs: number;
  authUs: number;
  readyUs: number;
  /** The server's own times in microseconds, -1 if it reported none. */
  serverSetupUs: number;
  serverForkUs: number;
  serverAuthUs: number;
}

/** Times until the first query's result, in microseconds. */
export interface FirstQueryTimes {
  /** Time from the scheduled arrival; in a closed loop from the start. */
  scheduledUs: number;
  /** Time from the actual start. It contains no lateness. */
  startUs: number;
  /** Time from ReadyForQuery. */
  readyUs: number;
}

export function recordPhases(tally: StepTally, attempt: OkAttempt): void {
  const { tcpUs, spawnUs, tlsUs, authUs, readyUs } = attempt;
  if (tcpUs !== ABSENT) tally.record('tcp', tcpUs);
  if (spawnUs !== ABSENT) tally.record('spawn', spawnUs);
  if (tlsUs !== ABSENT) tally.record('tls', tlsUs);
  if (authUs !== ABSENT) tally.record('auth', authUs);
  if (readyUs !== ABSENT) tally.record('ready', readyUs);
}

/**
 * Records the server's times. Returns the wait in the accept queue, in microseconds; undefined if the server reported
 * no times, or those of another connection.
 */
export function recordServerTimes(
  tally: StepTally,
  attempt: OkAttempt,
  roundTripUs: number,
): number | undefined {
  const { startUs, atUs, tcpUs, serverSetupUs, serverForkUs, serverAuthUs } = attempt;
  if (serverSetupUs === ABSENT) return undefined;
  const clocks = { elapsedUs: atUs - startUs, tcpUs, serverUs: serverSetupUs };
  if (isOlderThanAttempt(clocks)) {
    tally.serverTimes.older++;
    return undefined;
  }
  const queueWaitUs = computeQueueWaitUs(clocks, roundTripUs);
  tally.serverTimes.told++;
  tally.record('serverSetup', serverSetupUs);
  tally.record('serverFork', serverForkUs);
  tally.record('serverAuth', serverAuthUs);
  tally.record('queueWait', queueWaitUs);
  return queueWaitUs;
}

export function keepSlow(attempt: OkAttempt, queueWaitUs: number | undefined): SlowAttempt {
  const { step, index, scheduledUs, startUs, atUs, tcpUs, spawnUs, tlsUs, authUs, readyUs } =
    attempt;
  const { connectStartUs = startUs } = attempt;
  const phases = { tcp: tcpUs, spawn: spawnUs, tls: tlsUs, auth: authUs, ready: readyUs };
  const present = Object.entries(phases).filter(([, us]) => us !== ABSENT);
  return {
    step,
    index,
    scheduledUs,
    latencyUs: atUs - scheduledUs,
    latenessUs: connectStartUs - scheduledUs,
    ...(connectStartUs === startUs ? {} : { earlierHostsUs: startUs - connectStartUs }),
    phases: Object.fromEntries(present),
    ...(queueWaitUs === undefined ? {} : { queueWaitUs, serverSetupUs: attempt.serverSetupUs }),
  };
}

/** Returns whether connstorm stopped waiting, so that only a lower bound of the attempt's duration is known. */
export function isCensored(outcome: string, failure: Failure | undefined): boolean {
  if (outcome === 'failed') return failure?.layer === 'timeout';
  return outcome === 'cancelled' || outcome === 'abandoned';
}
