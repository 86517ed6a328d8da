import type { Boundary, Failure } from '../result/records.ts';
import type { SslMode } from '../scenario/plan.ts';

/** Where an attempt connects to and as whom. Holds the password: never printed whole. */
export interface Endpoint {
  /** As given, for people and for TLS's server name. */
  host: string;
  /** The IP address that attempts connect to: names are resolved before the run. */
  address: string;
  port: number;
  database: string;
  user: string;
  password: string | undefined;
  sslmode: SslMode;
  /** Sent in the StartupMessage, beside user and database. */
  applicationName: string;
}

/** What every attempt of a run does alike. */
export interface ConnectionPlan {
  /** `SELECT 1` so many times after ReadyForQuery. */
  queries: number;
  /** How long the connection is kept after that; `end`: until closeConnections. */
  holdUs: number | 'end';
  /** For the attempt, and again for each query. */
  timeoutUs: number;
  /** Whether SCRAM's salted password is kept between attempts. */
  scramCache: boolean;
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
  boundary: Boundary = 'absent';

  constructor(step: number, index: number, scheduledUs: number, startUs: number) {
    this.step = step;
    this.index = index;
    this.scheduledUs = scheduledUs;
    this.startUs = startUs;
  }
}

/** Told what becomes of attempts, synchronously and exactly once each; `atUs` is the moment of it. */
export interface AttemptSink {
  /** ReadyForQuery: the attempt is ok, a connection begins. All stamps up to `readyUs` are set. */
  ready(attempt: Attempt): void;
  failed(attempt: Attempt, failure: Failure, atUs: number): void;
  cancelled(attempt: Attempt, atUs: number): void;
  /** `queriedUs` is set. */
  firstQuery(attempt: Attempt): void;
  /** A connection that was ready has ended; `failure` says why where it was not our own Terminate. */
  connectionEnded(
    attempt: Attempt,
    outcome: 'closed' | 'queryFailed' | 'cut',
    failure: Failure | undefined,
    atUs: number,
  ): void;
}

/** Opens connections: the cheapest way from an attempt to its stamps. */
export interface Driver {
  /** How often PBKDF2 ran and how many salts the server sent; zeros when no attempt met SCRAM. */
  readonly scramFigures: { derivations: number; salts: number };
  /** Starts the attempt; never throws for what the server or the network do. */
  open(attempt: Attempt): void;
  /** Ends every attempt that is not ready yet as cancelled. */
  cancelAttempts(): void;
  /** Says Terminate on every connection that is ready and idle or querying. */
  closeConnections(): void;
}
