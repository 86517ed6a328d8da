import type { GivenParameters } from './given.ts';
import { UNFOLLOWED_VARIABLES, UNSUPPORTED } from './unsupported.ts';

export type Environment = Record<string, string | undefined>;

/** libpq's variables that connstorm follows, and the keywords they stand for. */
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

/** What libpq's variables say; an empty one says nothing. */
export function readEnvironment(env: Environment): GivenParameters {
  return new Map(
    Object.entries(VARIABLES).flatMap(([variable, keyword]) => {
      const value = env[variable] ?? '';
      return value === '' ? [] : [[keyword, { value, source: variable }]];
    }),
  );
}

/** A line for each of libpq's other variables that asks for something connstorm does not do. */
export function warnOfUnfollowed(env: Environment): string[] {
  return Object.entries(UNFOLLOWED_VARIABLES).flatMap(([variable, keyword]) => {
    const value = env[variable] ?? '';
    const { harmless = [], why } = UNSUPPORTED[keyword] ?? {};
    return value === '' || harmless.includes(value) ? [] : [`${variable} is not followed: ${why}`];
  });
}
