import type { Clock } from '../../clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Driver } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import { LiveConnections } from '../lifecycle/live-connections.ts';
import { ScramCosts, type ScramFigures } from '../login/scram-costs.ts';
import { createStartup } from '../protocol/startup.ts';
import { createTlsContext, createTlsOptions } from '../transport/tls.ts';
import { PgConnection } from './pg-connection.ts';
import { configureClient, listTexts, type PgDriverParts } from './pg-driver-parts.ts';

/**
 * The `pg` driver. Every attempt is a `pg.Client`, so it shows what a Node application sees. The stamps are the same,
 * and taken where pg permits it. pg's own cost counts: SCRAM's PBKDF2 at every login, on libuv's thread pool, is part
 * of `auth`. pg has TLS or no TLS, but no `prefer`. The code that creates the driver must have settled which.
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
      statements: listTexts(plan.statements),
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

  listBackends(): number[][] {
    return [this.#parts.live.listBackends()];
  }
}
