import type { GivenParameters } from './given.ts';
import { REQUIREMENTS, TOLD_VARIABLES, UNSUPPORTED } from './unsupported.ts';

export type Environment = Record<string, string | undefined>;

/** libpq's variables that connstorm follows, with their keywords. */
const VARIABLES = {
  PGHOST: 'host',
  PGHOSTADDR: 'hostaddr',
  PGPORT: 'port',
  PGDATABASE: 'dbname',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGSSLMODE: 'sslmode',
  PGSSLNEGOTIATION: 'sslnegotiation',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGSSLCRL: 'sslcrl',
  PGSSLMINPROTOCOLVERSION: 'ssl_min_protocol_version',
  PGSSLMAXPROTOCOLVERSION: 'ssl_max_protocol_version',
  PGCHANNELBINDING: 'channel_binding',
  PGREQUIREAUTH: 'require_auth',
  PGAPPNAME: 'application_name',
  PGOPTIONS: 'options',
  PGCLIENTENCODING: 'client_encoding',
  PGCONNECT_TIMEOUT: 'connect_timeout',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
  PGLOADBALANCEHOSTS: 'load_balance_hosts',
} as const;

/** All variables that libpq reads, followed or not: https://www.postgresql.org/docs/18/libpq-envars.html */
export const LIBPQ_VARIABLES: readonly string[] = [
  ...Object.keys({ ...VARIABLES, ...REQUIREMENTS, ...TOLD_VARIABLES }),
  'PGREQUIRESSL',
  'PGPASSFILE',
  'PGSERVICE',
  'PGSERVICEFILE',
  'PGSYSCONFDIR',
];

/**
 * Returns what libpq's variables say. An empty variable says nothing. Variables that require something connstorm cannot
 * do are included, and are refused later like their keywords.
 */
export function readEnvironment(env: Environment): GivenParameters {
  const variables = Object.entries({ ...VARIABLES, ...REQUIREMENTS });
  return new Map([
    ...readRequireSsl(env),
    ...variables.flatMap(([variable, keyword]) => {
      const value = env[variable] ?? '';
      return value === '' ? [] : [[keyword, { value, source: variable }] as const];
    }),
  ]);
}

/**
 * Reads the older PGREQUIRESSL, which PGSSLMODE outranks. libpq looks only at its first character:
 * conninfo_add_defaults in fe-connect.c.
 */
function readRequireSsl({ PGREQUIRESSL: value = '' }: Environment): GivenParameters {
  if (!value.startsWith('1')) return new Map();
  return new Map([['sslmode', { value: 'require', source: `PGREQUIRESSL=${value}: sslmode` }]]);
}

/** Returns a line for each of libpq's other variables that asks for something that connstorm does not do. */
export function warnOfUnfollowed(env: Environment): string[] {
  return Object.entries(TOLD_VARIABLES).flatMap(([variable, keyword]) => {
    const value = env[variable] ?? '';
    const { harmless = [], why = NO_QUERY } = UNSUPPORTED[keyword] ?? {};
    return value === '' || harmless.includes(value) ? [] : [`${variable} is ignored: ${why}`];
  });
}

const NO_QUERY = "it has no effect on connstorm's queries";
