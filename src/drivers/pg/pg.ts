import { dirname } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Driver } from '../driver.ts';
import { type Endpoint, isUnixSocket } from '../endpoint.ts';
import { ScramCosts, type ScramFigures } from '../login/scram-costs.ts';
import { createStartup } from '../protocol/startup.ts';
import { createTlsContext, createTlsOptions } from '../transport/tls.ts';
import { cancelLive } from '../wire/wire-shared.ts';
import { PgConnection } from './pg-connection.ts';
import { NoPasswordGiven } from './pg-failure.ts';
import type { PgShared } from './pg-shared.ts';

/**
 * The `pg` driver: every attempt is a `pg.Client`, so that one sees what a Node application sees: the same stamps,
 * taken where pg lets them be taken. Its own cost is pg's: SCRAM's PBKDF2 at every login, on libuv's thread pool, is
 * part of `auth`. pg knows TLS or no TLS but no `prefer`: whoever creates the driver has settled which.
 */
export class PgDriver implements Driver {
  readonly #shared: PgShared;

  constructor(endpoint: Endpoint, plan: ConnectionPlan, sink: AttemptSink, now: Clock) {
    if (endpoint.sslmode === 'prefer') throw new Error('the pg driver knows no sslmode=prefer');
    const ssl =
      endpoint.sslmode === 'disable'
        ? false
        : createTlsOptions(endpoint, createTlsContext(endpoint.tls));
    const { address, port, user, database, applicationName } = endpoint;
    // PgLogin judges the count, with words of ours; 0 has pg take any. Missing in @types/pg.
    const limits = { scramMaxIterations: 0 };
    this.#shared = {
      plan,
      sink,
      now,
      endpoint,
      // All that pg would look up in the environment else, at every connect.
      clientConfig: {
        ...limits,
        // pg takes the directory of a Unix socket for its host.
        host: isUnixSocket(address) ? dirname(address) : address,
        port,
        user,
        database,
        // Without a password pg would look into PGPASSWORD and ~/.pgpass; a function keeps it from that.
        password: endpoint.password ?? refuseToGuess,
        ssl,
        sslnegotiation: 'postgres',
        application_name: applicationName,
        client_encoding: 'utf8',
        connectionTimeoutMillis: 0,
      },
      startup: createStartup(endpoint, plan),
      ssl,
      scram: new ScramCosts(plan.derivations),
      live: new Set(),
    };
  }

  get scramFigures(): ScramFigures {
    return this.#shared.scram.figures;
  }

  open(attempt: Attempt): void {
    new PgConnection(this.#shared, attempt).open();
  }

  cancelAttempts(isMeant?: (attempt: Attempt) => boolean): void {
    cancelLive(this.#shared.live, isMeant);
  }

  closeConnections(atOnce = false): void {
    for (const connection of [...this.#shared.live]) connection.closeConnection(atOnce);
  }
}

function refuseToGuess(): never {
  throw new NoPasswordGiven();
}
