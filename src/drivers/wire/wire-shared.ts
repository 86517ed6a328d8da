import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ScramKeyring } from '../login/scram.ts';
import type { CreateLink } from '../transport/create-link.ts';

/** What all connections of one driver have in common. */
export interface WireShared {
  plan: ConnectionPlan;
  sink: AttemptSink;
  now: Clock;
  endpoint: Endpoint;
  createLink: CreateLink;
  messages: {
    sslRequest: Buffer;
    startup: Buffer;
    query: Buffer;
    ageQuery: Buffer;
    terminate: Buffer;
  };
  keyring: ScramKeyring;
  /** undefined under sslmode=disable. */
  tlsOptions: ConnectionOptions | undefined;
  /** Connections that are not over. */
  live: Set<LiveConnection>;
}

/** What a driver may ask of a connection that is not over. */
export interface LiveConnection {
  readonly attempt: Attempt;
  cancelAttempt(): void;
  closeConnection(atOnce?: boolean): void;
}

/** Driver.cancelAttempts for the connections of one driver. */
export function cancelLive(
  live: ReadonlySet<LiveConnection>,
  isMeant: ((attempt: Attempt) => boolean) | undefined,
): void {
  for (const connection of [...live]) {
    if (isMeant === undefined || isMeant(connection.attempt)) connection.cancelAttempt();
  }
}
