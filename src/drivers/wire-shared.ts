import type { IpcSocketConnectOpts, SocketConstructorOpts, TcpSocketConnectOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Endpoint } from './driver.ts';
import type { ScramKeyring } from './scram.ts';

/** Options of net.Socket that its published types leave out. */
interface OnReadSocketOptions {
  emitClose: boolean;
  autoDestroy: boolean;
  decodeStrings: boolean;
  onread: { buffer: Buffer; callback: (length: number, buffer: Buffer) => boolean };
}

export type ConnectOptions = TcpSocketConnectOpts | IpcSocketConnectOpts;

/** What all connections of one driver have in common. */
export interface WireShared {
  plan: ConnectionPlan;
  sink: AttemptSink;
  now: Clock;
  endpoint: Endpoint;
  /** One for each local address, or one in all: attempt i takes i modulo their number. */
  connectOptions: readonly ConnectOptions[];
  socketOptions: SocketConstructorOpts & OnReadSocketOptions;
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
