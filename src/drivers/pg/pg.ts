import type { Clock } from '../../clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Driver } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import { LiveConnections } from '../lifecycle/live-connections.ts';
import { ScramCosts, type ScramFigures } from '../login/scram-costs.ts';
import { createStartup } from '../protocol/startup.ts';
import { createTlsContext, createTlsOptions } from '../transport/tls.ts';
import { PgConnection } from './pg-connection.ts';
import { configureClient, type PgDriverParts } from './pg-driver-parts.ts';

/**
 * The `pg` driver: every attempt is a `pg.Client`, so that one sees what a Node application sees: the same stamps,
 * taken where pg lets them be taken. Its own cost is pg's: SCRAM's PBKDF2 at every login, on libuv's thread pool, is
 * part of `auth`. pg knows TLS or no TLS but no `prefer`: whoever creates the driver has settled which.
 */
export class PgDriver implements Driver {
  readonly #parts: PgDriverParts;

  constructor(endpoint: Endpoint, plan: ConnectionPlan, sink: AttemptSink, now: Clock) {
    if (endpoint.sslmode === 'prefer') throw new Error('the pg driver knows no sslmode=prefer');
    const ssl =
      endpoint.sslmode === 'disable'
        ? false
        : createTlsOptions(endpoint, createTlsContext(endpoint.tls));
    this.#parts = {
      plan,
      sink,
      now,
      endpoint,
      clientConfig: configureClient(endpoint, ssl),
      startup: createStartup(endpoint, plan),
      ssl,
      scram: new ScramCosts(plan.derivations),
      live: new LiveConnections(),
    };
  }

  get scramFigures(): ScramFigures {
    return this.#parts.scram.figures;
  }

  open(attempt: Attempt): void {
    new PgConnection(this.#parts, attempt).open();
  }

  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void {
    this.#parts.live.cancelAttempts(isMeant);
  }

  closeConnections(atOnce?: boolean): void {
    this.#parts.live.closeConnections(atOnce);
  }
}
