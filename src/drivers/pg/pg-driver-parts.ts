import { dirname } from 'node:path';
import type pg from 'pg';
import { type Endpoint, isUnixSocket } from '../endpoint.ts';
import type { DriverParts } from '../lifecycle/lifecycle-owner.ts';
import type { ScramCosts } from '../login/scram-costs.ts';
import { NoPasswordGiven } from './pg-failure.ts';

/** The parts of a pg driver that all its connections use: made once, because they do not depend on the attempt. */
export interface PgDriverParts extends DriverParts {
  endpoint: Endpoint;
  clientConfig: pg.ClientConfig;
  /** Parameters of the StartupMessage. */
  startup: Record<string, string>;
  ssl: pg.ClientConfig['ssl'];
  /** pg derives at every login. */
  scram: ScramCosts;
}

/** All that pg would look up in the environment else, at every connect. */
export function configureClient(endpoint: Endpoint, ssl: PgDriverParts['ssl']): pg.ClientConfig {
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
