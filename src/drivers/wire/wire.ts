import type { Clock } from '../../clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Driver } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import { LiveConnections } from '../lifecycle/live-connections.ts';
import { ScramKeyring } from '../login/scram.ts';
import type { ScramFigures } from '../login/scram-costs.ts';
import { chooseLinks } from '../transport/create-link.ts';
import { loadTcpBinding, type TcpBinding } from '../transport/tcp-binding.ts';
import { createTlsContext, createTlsOptions } from '../transport/tls.ts';
import { WireConnection } from './wire-connection.ts';
import { encodeMessages, type WireDriverParts } from './wire-driver-parts.ts';

/**
 * The `wire` driver. It speaks the PostgreSQL protocol itself, on a bare socket. Everything that does not depend on the
 * attempt is made once, here.
 */
export class WireDriver implements Driver {
  readonly #parts: WireDriverParts;

  /** `binding`: null to do without Node's own handle. */
  constructor(
    endpoint: Endpoint,
    plan: ConnectionPlan,
    sink: AttemptSink,
    now: Clock,
    binding: TcpBinding | null = loadTcpBinding(),
  ) {
    this.#parts = {
      plan,
      sink,
      now,
      endpoint,
      createLink: chooseLinks(endpoint, plan.localAddresses, binding),
      messages: encodeMessages(endpoint, plan),
      scram: new ScramKeyring(endpoint.password ?? '', plan.scramCache, plan.derivations),
      tlsOptions:
        endpoint.sslmode === 'disable'
          ? undefined
          : createTlsOptions(endpoint, createTlsContext(endpoint.tls)),
      live: new LiveConnections(),
    };
  }

  get scramFigures(): ScramFigures {
    return this.#parts.scram.figures;
  }

  open(attempt: Attempt): void {
    this.openConnection(attempt);
  }

  /** Opens an attempt, and returns its connection, which can collect what the login shows. */
  openConnection(attempt: Attempt): WireConnection {
    const connection = new WireConnection(this.#parts, attempt);
    connection.open();
    return connection;
  }

  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void {
    this.#parts.live.cancelAttempts(isMeant);
  }

  closeConnections(atOnce?: boolean): void {
    this.#parts.live.closeConnections(atOnce);
  }

  listBackends(): number[][] {
    return [this.#parts.live.listBackends()];
  }
}
