import { serialize } from 'pg-protocol';
import type { Clock } from '../../clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Driver } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import { ScramKeyring } from '../login/scram.ts';
import type { ScramFigures } from '../login/scram-costs.ts';
import { AGE_QUERY } from '../protocol/server-times.ts';
import { createStartup, encodeStartup } from '../protocol/startup.ts';
import { chooseLinks } from '../transport/create-link.ts';
import { loadTcpBinding, type TcpBinding } from '../transport/tcp-binding.ts';
import { createTlsContext, createTlsOptions } from '../transport/tls.ts';
import { WireConnection } from './wire-connection.ts';
import { cancelLive, type WireShared } from './wire-shared.ts';

/**
 * The `wire` driver: the PostgreSQL protocol spoken by hand on a bare socket. Everything that does not depend on
 * the attempt is made once, here.
 */
export class WireDriver implements Driver {
  readonly #shared: WireShared;

  /** `binding`: null does without Node's own handle. */
  constructor(
    endpoint: Endpoint,
    plan: ConnectionPlan,
    sink: AttemptSink,
    now: Clock,
    binding: TcpBinding | null = loadTcpBinding(),
  ) {
    this.#shared = {
      plan,
      sink,
      now,
      endpoint,
      createLink: chooseLinks(endpoint, plan.localAddresses, binding),
      messages: {
        sslRequest: serialize.requestSsl(),
        startup: encodeStartup(createStartup(endpoint, plan)),
        query: serialize.query(plan.question ?? 'SELECT 1'),
        ageQuery: serialize.query(AGE_QUERY),
        terminate: serialize.end(),
      },
      keyring: new ScramKeyring(endpoint.password ?? '', plan.scramCache, plan.derivations),
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
    connection.open();
    return connection;
  }

  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void {
    cancelLive(this.#shared.live, isMeant);
  }

  closeConnections(atOnce = false): void {
    for (const connection of [...this.#shared.live]) connection.closeConnection(atOnce);
  }
}
