import type { Boundary, Failure } from '../model/measures.ts';
import type { CloseMode, Hold } from '../scenario/plan/plan.ts';
import type { ScramFigures } from './login/scram-costs.ts';
import type { Notice } from './protocol/notice.ts';
import type { ServerTimesPlan, SetupTimes } from './protocol/server-times.ts';

/** What every attempt of a run does alike. */
export interface ConnectionPlan {
  /** `SELECT 1` so many times after ReadyForQuery. */
  queries: number;
  /** What is asked instead of `SELECT 1`. Absent: that is. */
  question?: string;
  /** How long the connection is kept after that; `end`: until closeConnections. */
  holdUs: Hold;
  close: CloseMode;
  /** Since the attempt's start: then it is given up as abandoned. Below timeoutUs; undefined: never. */
  abandonAfterUs: number | undefined;
  /** For the attempt, again for each query, and again for the server's FIN where it is waited for. */
  timeoutUs: number;
  /** Whether SCRAM's salted password is kept between attempts. */
  scramCache: boolean;
  /** Shared by the threads of a storm whose SCRAM derivations are in each other's way; see ScramCosts. */
  derivations?: SharedArrayBuffer;
  /** What sockets are bound to, in turn by arrival index; of the endpoint's address family. Empty: the kernel chooses. */
  localAddresses: readonly string[];
  /** What the server is asked to tell of each connect. */
  serverTimes: ServerTimesPlan;
}

/** A stamp that was not reached, or does not exist for this kind of connect. */
export const ABSENT = -1;

/**
 * One try to open a connection. Stamps are integer microseconds since T0 of one clock, `ABSENT` until they are
 * reached; the phases are the differences of neighbours, so they sum up exactly.
 */
export class Attempt {
  readonly step: number;
  readonly index: number;
  readonly scheduledUs: number;
  readonly startUs: number;
  /** Whoever it is for, a session or a client: the load's own business, no driver looks at it. */
  readonly owner: unknown;
  /** Of its block: with the index, what its hold is drawn by. */
  readonly seed: number;
  /** connect() has returned: the end of `tcp`. */
  establishedUs = ABSENT;
  /** The server's first byte, where it proves that a backend runs: the end of `spawn`. */
  spawnedUs = ABSENT;
  /** The end of `tls`. */
  encryptedUs = ABSENT;
  /** The last authentication message was written: the end of `auth`. */
  authenticatedUs = ABSENT;
  /** ReadyForQuery: the end of `ready` and of the attempt. */
  readyUs = ABSENT;
  /** The first query's result: the end of `query`. */
  queriedUs = ABSENT;
  /** Terminate was written and the server's FIN is waited for: the start of `close`. */
  terminatedUs = ABSENT;
  /** The server's FIN, under TLS its close_notify: the end of `close`; absent where it never came. */
  closedUs = ABSENT;
  boundary: Boundary = 'absent';
  /** The server's own account, by its clock: durations, not stamps. Absent where it told none. See server-times.ts. */
  serverSetupUs = ABSENT;
  serverForkUs = ABSENT;
  serverAuthUs = ABSENT;
  /** How long the backend had been there when it was asked; absent outside of the sample. */
  backendAgeUs = ABSENT;

  constructor(
    step: number,
    index: number,
    scheduledUs: number,
    startUs: number,
    owner: unknown = undefined,
    seed = 0,
  ) {
    this.step = step;
    this.index = index;
    this.scheduledUs = scheduledUs;
    this.startUs = startUs;
    this.owner = owner;
    this.seed = seed;
  }

  /** Takes the server's own account; the first one stays. */
  noteSetup({ totalUs, forkUs, authUs }: SetupTimes): void {
    if (this.serverSetupUs !== ABSENT) return;
    this.serverSetupUs = totalUs;
    this.serverForkUs = forkUs;
    this.serverAuthUs = authUs;
  }
}

/** How a connection that was ready ends. */
export type ConnectionOutcome = 'closed' | 'queryFailed' | 'cut';

/** Told what becomes of attempts, synchronously and exactly once each; `atUs` is the moment of it. */
export interface AttemptSink {
  /** ReadyForQuery: the attempt is ok, a connection begins. All stamps up to `readyUs` are set. */
  ready(attempt: Attempt): void;
  failed(attempt: Attempt, failure: Failure, atUs: number): void;
  cancelled(attempt: Attempt, atUs: number): void;
  /** Given up on purpose, not ready in `abandonAfterUs`. */
  abandoned(attempt: Attempt, atUs: number): void;
  /** `queriedUs` is set. */
  firstQuery(attempt: Attempt): void;
  /** The backend has told its age, `backendAgeUs`; the answer came at `atUs`. A sampled one that does not is not told of. */
  backendAge(attempt: Attempt, atUs: number): void;
  /**
   * A connection that was ready has ended; `failure` says why where it was not our own doing, and what was wrong
   * with the end of one that we closed.
   */
  connectionEnded(
    attempt: Attempt,
    outcome: ConnectionOutcome,
    failure: Failure | undefined,
    atUs: number,
  ): void;
  /**
   * A notice came with the login or the first query; `connstorm`'s own setup notice is none. At most MOST_NOTICES of a
   * connection. Absent: nobody wants to know.
   */
  noticed?(attempt: Attempt, notice: Notice, atUs: number): void;
  /** A socket's event has been dealt with: what became due meanwhile need not wait for a timer. */
  turned(): void;
}

/** Opens connections: the cheapest way from an attempt to its stamps. */
export interface Driver {
  /** Zeros when no attempt met SCRAM. */
  readonly scramFigures: ScramFigures;
  /** Starts the attempt; never throws for what the server or the network do. */
  open(attempt: Attempt): void;
  /** Ends every attempt that is not ready yet as cancelled, or those among them that are meant. */
  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void;
  /**
   * Closes every connection that is ready, in the plan's way: one that is asking a query, with its answer. `atOnce`: no
   * waiting for an answer, nor for the server's FIN, not on those that are being closed already either.
   */
  closeConnections(atOnce?: boolean): void;
}
