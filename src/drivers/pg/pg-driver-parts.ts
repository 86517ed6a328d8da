import { dirname } from 'node:path';
import type pg from 'pg';
import { wrapReadOnly } from '../../scenario/statements.ts';
import { type Endpoint, isUnixSocket } from '../endpoint.ts';
import type { DriverParts } from '../lifecycle/lifecycle-owner.ts';
import type { ScramCosts } from '../login/scram-costs.ts';
import type { StatementsPlan } from '../protocol/statements.ts';
import { NoPasswordGiven } from './pg-failure.ts';
import type { PgText } from './pg-statement.ts';

/** How long connstorm waits for a server or pooler that keeps the socket of a pg.Client open after Terminate. */
export const END_TIMEOUT_MS = 1000;

/** The parts of a pg driver that all its connections use: made once, because they do not depend on the attempt. */
export interface PgDriverParts extends DriverParts {
  endpoint: Endpoint;
  clientConfig: pg.ClientConfig;
  /** Parameters of the StartupMessage. */
  startup: Record<string, string>;
  ssl: pg.ClientConfig['ssl'];
  /** Used in turn. */
  statements: PgText[];
  /** The costs of SCRAM: pg derives the keys anew at every login. */
  scram: ScramCosts;
}

/** Returns a configuration that sets all that pg would otherwise look up in the environment at every connect. */
export function configureClient(endpoint: Endpoint, ssl: PgDriverParts['ssl']): pg.ClientConfig {
  const { address, port, user, database, applicationName } = endpoint;
  // PgLogin judges the count, with messages of its own; 0 makes pg accept any. The option is missing in @types/pg.
  const limits = { scramMaxIterations: 0 };
  return {
    ...limits,
    // pg expects the directory of a Unix socket as its host.
    host: isUnixSocket(address) ? dirname(address) : address,
    port,
    user,
    database,
    // Without a password pg would look into PGPASSWORD and ~/.pgpass; a function prevents that.
    password: endpoint.password ?? refuseToGuess,
    ssl,
    sslnegotiation: 'postgres',
    application_name: applicationName,
    client_encoding: 'utf8',
    connectionTimeoutMillis: 0,
  };
}

export function listTexts({ texts, protocol, isReadOnly }: StatementsPlan): PgText[] {
  const isWrapped = isReadOnly && protocol === 'simple';
  return texts.map((text) => ({
    text: isWrapped ? wrapReadOnly(text) : text,
    protocol,
    isReadOnly,
  }));
}

function refuseToGuess(): never {
  throw new NoPasswordGiven();
}
