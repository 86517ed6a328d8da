import type { Boundary, Failure } from '../model/measures.ts';
import type { CloseMode, Hold } from '../scenario/plan/plan.ts';
import type { ScramFigures } from './login/scram-costs.ts';
import type { SessionAttrs } from './login/session-attrs.ts';
import type { Notice } from './protocol/notice.ts';
import type { ServerTimesPlan, SetupTimes } from './protocol/server-times.ts';
import type { StatementsPlan } from './protocol/statements.ts';

/** The settings that all attempts of a driver share. */
export interface ConnectionPlan {
  /** Number of statements that a connection sends after ReadyForQuery, one after another. */
  queries: number;
  /** Their texts, and how they are sent. */
  statements: StatementsPlan;
  /** Whether the sink is told of the last statement's result. Such a connection closes only after it. */
  tellsUsable: boolean;
  /** Time that the connection is kept after its queries. `end`: until closeConnections. */
  holdUs: Hold;
  close: CloseMode;
  /** Time since the attempt's start after which the attempt is abandoned. Below timeoutUs; undefined: never. */
  abandonAfterUs: number | undefined;
  /** Limit for the attempt, for each statement, and for the wait for the server's FIN where there is one. */
  timeoutUs: number;
  /** Whether SCRAM keys are kept between attempts. */
  scramCache: boolean;
  /** Memory that is shared by the storm's threads whose SCRAM derivations slow each other down; see ScramCosts. */
  derivations?: SharedArrayBuffer;
  /**
   * Addresses of the endpoint's family that sockets are bound to, by arrival index in turn. Empty: the kernel chooses.
   */
  localAddresses: readonly string[];
  /** The plan for times that the server reports of each connect. */
  serverTimes: ServerTimesPlan;
}

/** A stamp that was not reached, or that this kind of connect does not have. */
export const ABSENT = -1;

/**
 * The place of an attempt among the tries of one connect, where a client chooses its host at each connect. Elsewhere it
 * is `ONLY_TRY`.
 */
export interface Place {
  /** Index of the endpoint that the attempt goes to. */
  readonly host: number;
  /** The role that the server must have. */
  readonly wanted: SessionAttrs;
  /** Number of tries of the same connect before this one. */
  readonly turn: number;
  /** When the first try of the connect began; undefined: this is the first. */
  readonly sinceUs?: number;
  /** Number of the connect among those of the same arrival or session, from 0. It only changes the drawn order. */
  readonly connect: number;
}

export const ONLY_TRY: Place = { host: 0, wanted: 'any', turn: 0, connect: 0 };

/**
 * One try to open a connection. Stamps are integer microseconds since T0 of one clock, and `ABSENT` until they are
 * reached. The phases are the differences of neighbouring stamps, so they add up exactly.
 */
export class Attempt {
  readonly step: number;
  readonly index: number;
  readonly scheduledUs: number;
  readonly startUs: number;
  /** The session or client that the attempt belongs to. Only the load uses it; drivers do not read it. */
  readonly owner: unknown;
  /** The seed of the attempt's block. Seed and index determine the hold. */
  readonly seed: number;
  readonly place: Place;
  /** connect() has returned: the end of `tcp`. */
  establishedUs = ABSENT;
  /** The server's first byte, if it proves that a backend runs: the end of `spawn`. */
  spawnedUs = ABSENT;
  /** The TLS handshake is done: the end of `tls`. */
  encryptedUs = ABSENT;
  /** The last authentication message was written: the end of `auth`. */
  authenticatedUs = ABSENT;
  /** ReadyForQuery: the end of `ready` and of the attempt. */
  readyUs = ABSENT;
  /** The first query's result: the end of `query`. */
  queriedUs = ABSENT;
  /** The last statement's result. Set only under `tellsUsable`. */
  usableUs = ABSENT;
  /** Terminate was written and the server's FIN is waited for: the start of `close`. */
  terminatedUs = ABSENT;
  /** The server's FIN, under TLS its close_notify: the end of `close`. Absent if it never came. */
  closedUs = ABSENT;
  boundary: Boundary = 'absent';
  /** The server's own report, by its clock: durations, not stamps. Absent if it sent none. See server-times.ts. */
  serverSetupUs = ABSENT;
  serverForkUs = ABSENT;
  serverAuthUs = ABSENT;
  /** Age of the backend when it was asked, in microseconds. Absent if it was not sampled or gave no answer. */
  backendAgeUs = ABSENT;
  /** The pid of the server's backend, from BackendKeyData. Absent if the server sent none. A pooler makes up its own. */
  backendPid = ABSENT;

  constructor(
    step: number,
    index: number,
    scheduledUs: number,
    startUs: number,
    owner: unknown = undefined,
    seed = 0,
    place: Place = ONLY_TRY,
  ) {
    this.step = step;
    this.index = index;
    this.scheduledUs = scheduledUs;
    this.startUs = startUs;
    this.owner = owner;
    this.seed = seed;
    this.place = place;
  }

  /** When the first try of the same connect began. */
  get connectStartUs(): number {
    return this.place.sinceUs ?? this.startUs;
  }

  /** Keeps the server's own report. Later ones are ignored. */
  noteSetup({ totalUs, forkUs, authUs }: SetupTimes): void {
    if (this.serverSetupUs !== ABSENT) return;
    this.serverSetupUs = totalUs;
    this.serverForkUs = forkUs;
    this.serverAuthUs = authUs;
  }
}

/** The end of a connection that was ready. */
export type ConnectionOutcome = 'closed' | 'queryFailed' | 'cut';

/** The receiver of what becomes of attempts. Calls are synchronous, one for each event. `atUs` is the event's time. */
export interface AttemptSink {
  /** Reports ReadyForQuery: the attempt is ok, and a connection begins. All stamps up to `readyUs` are set. */
  ready(attempt: Attempt): void;
  failed(attempt: Attempt, failure: Failure, atUs: number): void;
  cancelled(attempt: Attempt, atUs: number): void;
  /** Reports an attempt that was given up on purpose, because it was not ready within `abandonAfterUs`. */
  abandoned(attempt: Attempt, atUs: number): void;
  /** Reports that the first query's result is complete; `queriedUs` is set. */
  firstQuery(attempt: Attempt): void;
  /** Reports that the last statement's result is complete; `usableUs` is set. Called only under `tellsUsable`. */
  usable(attempt: Attempt): void;
  /** Reports the backend's age, in `backendAgeUs`; its answer was complete at `atUs`. Not called without an age. */
  backendAge(attempt: Attempt, atUs: number): void;
  /**
   * Reports the end of a connection that was ready. `failure` says why, unless connstorm closed it as planned. If
   * something went wrong at that close, `failure` says what.
   */
  connectionEnded(
    attempt: Attempt,
    outcome: ConnectionOutcome,
    failure: Failure | undefined,
    atUs: number,
  ): void;
  /**
   * Reports a notice during the login or the first query, except the setup notice that connstorm asks for. At most
   * MOST_NOTICES calls per connection. Absent: notices are ignored.
   */
  noticed?(attempt: Attempt, notice: Notice, atUs: number): void;
  /** Reports that a socket's event has been handled. What became due meanwhile need not wait for a timer. */
  turned(): void;
}

/** An opener of connections: the cheapest way from an attempt to its stamps. */
export interface Driver {
  /** Costs of SCRAM so far. All zero if no attempt met SCRAM. */
  readonly scramFigures: ScramFigures;
  /** Starts the attempt. Never throws for anything that the server or the network does. */
  open(attempt: Attempt): void;
  /** Cancels every attempt that is not ready yet, or only those for which `isMeant` returns true. */
  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void;
  /**
   * Closes every connection that is ready, in the plan's way; one that waits for an answer closes when it has come, or
   * under `tellsUsable` when the answer to its last statement has come.
   * `atOnce`: waits neither for answers nor for the server's FIN, not even on connections that are closing.
   */
  closeConnections(atOnce?: boolean): void;
  /** Returns the backends of the connections that are ready and not over: their pids, a list for each endpoint. */
  listBackends(): number[][];
}
