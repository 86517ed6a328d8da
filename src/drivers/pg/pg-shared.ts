import { dirname } from 'node:path';
import type pg from 'pg';
import { type Endpoint, isUnixSocket } from '../endpoint.ts';
import type { LifecycleShared } from '../lifecycle/lifecycle-owner.ts';
import type { ScramCosts } from '../login/scram-costs.ts';
import { NoPasswordGiven } from './pg-failure.ts';

/** How long a server or pooler is waited for that keeps the socket of a pg.Client open after Terminate. */
export const END_TIMEOUT_MS = 1000;

/** What all connections of one driver have in common. */
export interface PgShared extends LifecycleShared {
  endpoint: Endpoint;
  clientConfig: pg.ClientConfig;
  /** Parameters of the StartupMessage. */
  startup: Record<string, string>;
  ssl: pg.ClientConfig['ssl'];
  /** pg derives at every login. */
  scram: ScramCosts;
}

/** All that pg would look up in the environment else, at every connect. */
export function configureClient(endpoint: Endpoint, ssl: PgShared['ssl']): pg.ClientConfig {
  const { address, port, user, database, applicationName } = endpoint;
  // PgLogin judges the count, with words of ours; 0 has pg take any. Missing in @types/pg.
  const limits = { scramMaxIterations: 0 };
  return {
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
  };
}

function refuseToGuess(): never {
  throw new NoPasswordGiven();
}
