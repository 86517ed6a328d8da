import { isIP } from 'node:net';
import type { AuthRequirement } from '../drivers/auth-requirement.ts';
import { CHANNEL_BINDINGS, type ChannelBinding } from '../drivers/channel-binding.ts';
import type { TlsSettings } from '../drivers/tls.ts';
import { SSL_MODES, type SslMode } from '../scenario/sslmode.ts';
import { invalid } from './invalid.ts';
import { readRequireAuth } from './require-auth.ts';

/** What one source (a URL, the environment) says of a target; what it does not name is absent. */
export interface TargetSpec {
  host?: string;
  /** An IP address to use instead of resolving `host`. */
  hostAddress?: string;
  port?: number;
  database?: string;
  user?: string;
  password?: string;
  sslmode?: SslMode;
  sslnegotiation?: TlsSettings['negotiation'];
  /** A path, or `system`. */
  sslrootcert?: string;
  /** Paths. */
  sslcert?: string;
  sslkey?: string;
  channelBinding?: ChannelBinding;
  requireAuth?: AuthRequirement;
  applicationName?: string;
}

/** Reads one value; `source` names it in messages. */
type Reader = (value: string, source: string) => TargetSpec;

/** libpq's keywords that connstorm follows: https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
const READERS: Record<string, Reader> = {
  host: (value, source) => ({ host: readHost(value, source) }),
  hostaddr: (value, source) => ({ hostAddress: readAddress(value, source) }),
  port: (value, source) => ({ port: readPort(value, source) }),
  dbname: (value) => ({ database: value }),
  user: (value) => ({ user: value }),
  password: (value) => ({ password: value }),
  sslmode: (value, source) => ({ sslmode: readOneOf(SSL_MODES, value, source) }),
  sslnegotiation: (value, source) => ({
    sslnegotiation: readOneOf(['postgres', 'direct'], value, source),
  }),
  sslrootcert: (value) => ({ sslrootcert: value }),
  sslcert: (value) => ({ sslcert: value }),
  sslkey: (value) => ({ sslkey: value }),
  channel_binding: (value, source) => ({
    channelBinding: readOneOf(CHANNEL_BINDINGS, value, source),
  }),
  require_auth: (value, source) => ({ requireAuth: readRequireAuth(value, source) }),
  application_name: (value) => ({ applicationName: value }),
};

/** libpq's other keywords, and why or what instead. */
const UNSUPPORTED: Record<string, string> = {
  connect_timeout: "the scenario's connection.timeout is what limits an attempt",
  options: 'set what the role needs with ALTER ROLE ... SET',
  passfile: 'set PGPASSFILE',
  fallback_application_name: 'use application_name',
  ...list('every attempt is one socket to one address', 'load_balance_hosts target_session_attrs'),
  ...list('name host, user and database in the URL', 'service servicefile'),
  sslpassword: 'give sslkey a key that is not encrypted',
  sslcertmode: 'a client certificate is presented where there is one',
  ...list('certificates are not checked for revocation', 'sslcrl sslcrldir'),
  ...list(
    'connstorm takes what Node and the server agree on',
    'sslcompression sslkeylogfile sslsni ssl_max_protocol_version ssl_min_protocol_version',
  ),
  ...list(
    'connstorm logs in with a password, MD5 or SCRAM, or by trust',
    'gssdelegation gssencmode gsslib krbsrvname oauth_client_id oauth_client_secret oauth_issuer oauth_scope requirepeer scram_client_key scram_server_key',
  ),
  ...list(
    'connstorm leaves it at its default',
    'client_encoding keepalives keepalives_count keepalives_idle keepalives_interval max_protocol_version min_protocol_version replication tcp_user_timeout',
  ),
};

function list(reason: string, keywords: string): Record<string, string> {
  return Object.fromEntries(keywords.split(' ').map((keyword) => [keyword, reason]));
}

/** Every keyword that libpq knows, supported or not. */
export const LIBPQ_KEYWORDS: readonly string[] = [
  ...Object.keys(READERS),
  ...Object.keys(UNSUPPORTED),
];

/**
 * What `value` means for libpq's `keyword`; an empty value is an absent one, as in libpq. `source` begins the
 * message of the UsageError (`PGPORT`, `target URL: port`), which never quotes a password.
 */
export function readParameter(keyword: string, value: string, source: string): TargetSpec {
  const unsupported = UNSUPPORTED[keyword];
  if (unsupported !== undefined) throw invalid(`${source} is not supported: ${unsupported}`);
  const read = READERS[keyword];
  if (read === undefined) throw invalid(`${source} is not a parameter of libpq`);
  return value === '' ? {} : read(value, source);
}

function readHost(value: string, source: string): string {
  if (value.includes(',')) {
    throw invalid(`${source} names several hosts, which is not supported: name one`);
  }
  if (/^[/@]/.test(value)) {
    throw invalid(
      `${source} is a Unix socket, which is not supported: name a host or an IP address such as 127.0.0.1`,
    );
  }
  if (/\s/.test(value)) throw invalid(`${source} must be a host name or an IP address`);
  return value;
}

function readAddress(value: string, source: string): string {
  if (isIP(value) === 0) throw invalid(`${source} must be one IP address`);
  return value;
}

function readPort(value: string, source: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_535) return port;
  // What is not a number may be a piece of a password: it is not quoted.
  const got = /^\d+$/.test(value) ? `, got ${value}` : '';
  throw invalid(`${source} must be a number from 1 to 65535${got}`);
}

function readOneOf<Value extends string>(
  known: readonly Value[],
  value: string,
  source: string,
): Value {
  const found = known.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  throw invalid(`${source} must be ${known.join(', ')}, got "${value}"`);
}
