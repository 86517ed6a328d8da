import { isIPv6, type TcpSocketConnectOpts } from 'node:net';
import { serialize } from 'pg-protocol';
import type { Clock } from '../clock.ts';
import {
  type Attempt,
  type AttemptSink,
  type ConnectionPlan,
  type Driver,
  type Endpoint,
  isUnixSocket,
} from './driver.ts';
import { receiveChunk } from './opening-socket.ts';
import { type ScramFigures, ScramKeyring } from './scram.ts';
import { AGE_QUERY } from './server-times.ts';
import { createStartup } from './startup.ts';
import { createTlsContext, createTlsOptions } from './tls.ts';
import { WireConnection } from './wire-connection.ts';
import { type ConnectOptions, cancelLive, type WireShared } from './wire-shared.ts';

/** One read of a socket; all connections of a thread read into the same buffer, one after another. */
const READ_BUFFER_BYTES = 65_536;

/**
 * The `wire` driver: the PostgreSQL protocol spoken by hand on a bare socket. Everything that does not depend on
 * the attempt is made once, here.
 */
export class WireDriver implements Driver {
  readonly #shared: WireShared;

  constructor(endpoint: Endpoint, plan: ConnectionPlan, sink: AttemptSink, now: Clock) {
    this.#shared = {
      plan,
      sink,
      now,
      endpoint,
      connectOptions: buildConnectOptions(endpoint, plan.localAddresses),
      // With every field that the constructor would set itself: its copy then keeps one shape.
      socketOptions: {
        allowHalfOpen: false,
        emitClose: false,
        autoDestroy: true,
        decodeStrings: false,
        onread: {
          buffer: Buffer.allocUnsafeSlow(READ_BUFFER_BYTES),
          callback: receiveChunk,
        },
      },
      messages: {
        sslRequest: serialize.requestSsl(),
        startup: serialize.startup(createStartup(endpoint, plan)),
        query: serialize.query('SELECT 1'),
        ageQuery: serialize.query(AGE_QUERY),
        terminate: serialize.end(),
      },
      keyring: new ScramKeyring(endpoint.password ?? '', plan.scramCache),
      tlsOptions:
        endpoint.sslmode === 'disable'
          ? undefined
          : createTlsOptions(endpoint, createTlsContext(endpoint.tls)),
      live: new Set(),
    };
  }

  get scramFigures(): ScramFigures {
    return this.#shared.keyring.figures;
  }

  open(attempt: Attempt): void {
    this.openConnection(attempt);
  }

  /** As `open`; the connection tells what the login showed. */
  openConnection(attempt: Attempt): WireConnection {
    const connection = new WireConnection(this.#shared, attempt);
    const { connectOptions } = this.#shared;
    const options = connectOptions[attempt.index % connectOptions.length];
    if (options === undefined) throw new Error('there is nothing to connect with');
    connection.connect(options);
    return connection;
  }

  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void {
    cancelLive(this.#shared.live, isMeant);
  }

  closeConnections(atOnce = false): void {
    for (const connection of [...this.#shared.live]) connection.closeConnection(atOnce);
  }
}

function buildConnectOptions(
  { address, port }: Endpoint,
  localAddresses: readonly string[],
): ConnectOptions[] {
  if (isUnixSocket(address)) return [{ path: address }];
  const family = isIPv6(address) ? 6 : 4;
  const options: TcpSocketConnectOpts = { host: address, port, family, autoSelectFamily: false };
  if (localAddresses.length === 0) return [options];
  return localAddresses.map((localAddress) => ({ ...options, localAddress }));
}
