import type { SecureVersion } from 'node:tls';
import type { AuthRequirement } from '../../../drivers/login/auth-requirement.ts';
import { SESSION_ATTRS, type SessionAttrs } from '../../../drivers/login/session-attrs.ts';
import {
  CHANNEL_BINDINGS,
  type ChannelBinding,
} from '../../../drivers/transport/channel-binding.ts';
import type { TlsSettings } from '../../../drivers/transport/tls.ts';
import { NO_ALLOW, SSL_MODES, type SslMode } from '../../../scenario/schema/sslmode.ts';
import { readConnectTimeout } from '../settings/connect-timeout.ts';
import { invalid } from '../settings/invalid.ts';
import {
  type KeepaliveSpec,
  readKeepalives,
  readKeepalivesCount,
  readKeepalivesIdle,
  readKeepalivesInterval,
  readTcpUserTimeout,
} from '../settings/keepalives.ts';
import type { SslModeOrigin } from '../settings/name-sslmode.ts';
import { readRequireAuth } from '../settings/require-auth.ts';
import { readTlsVersion } from '../settings/tls-versions.ts';
import type { GivenParameters, GivenValue } from './given.ts';
import { type HostSpec, readHosts } from './hosts.ts';
import { UNSUPPORTED } from './unsupported.ts';

/** The meaning of a target's parameters. What is not given is absent. */
export interface TargetSpec extends SslModeOrigin, KeepaliveSpec {
  /** The hosts; at least one. */
  hosts: HostSpec[];
  database?: string;
  user?: string;
  password?: string;
  passwordFile?: string;
  sslmode?: SslMode;
  sslnegotiation?: TlsSettings['negotiation'];
  /** A path, or `system`. */
  sslrootcert?: string;
  /** Paths of PEM files; sslkey may also be DER. */
  sslcert?: string;
  sslkey?: string;
  sslcrl?: string;
  /** The password that opens an encrypted sslkey. */
  sslpassword?: string;
  tlsMinVersion?: SecureVersion;
  tlsMaxVersion?: SecureVersion;
  channelBinding?: ChannelBinding;
  requireAuth?: AuthRequirement;
  applicationName?: string;
  fallbackApplicationName?: string;
  /** Command-line options for the server. */
  options?: string;
  /** The server's name of an encoding, or `auto`. */
  clientEncoding?: string;
  connectTimeoutS?: number;
  sessionAttrs?: SessionAttrs;
  loadBalanceHosts?: 'disable' | 'random';
}

/** A reader of one value. `source` names the value in messages. */
type Reader = (value: string, source: string) => Partial<TargetSpec>;

/**
 * Readers of libpq's keywords that connstorm follows:
 * https://www.postgresql.org/docs/18/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 */
const READERS: Record<string, Reader> = {
  // The service was read before: its values are among the parameters.
  service: () => ({}),
  servicefile: () => ({}),
  dbname: (value) => ({ database: value }),
  user: (value) => ({ user: value }),
  password: (value) => ({ password: value }),
  passfile: (value) => ({ passwordFile: value }),
  sslmode: (value, source) => ({ sslmode: readSslMode(value, source) }),
  sslnegotiation: (value, source) => ({
    sslnegotiation: readOneOf(['postgres', 'direct'], value, source),
  }),
  sslrootcert: (value) => ({ sslrootcert: value }),
  sslcert: (value) => ({ sslcert: value }),
  sslkey: (value) => ({ sslkey: value }),
  sslcrl: (value) => ({ sslcrl: value }),
  sslpassword: (value) => ({ sslpassword: value }),
  ssl_min_protocol_version: (value, source) => ({ tlsMinVersion: readTlsVersion(value, source) }),
  ssl_max_protocol_version: (value, source) => ({ tlsMaxVersion: readTlsVersion(value, source) }),
  channel_binding: (value, source) => ({
    channelBinding: readOneOf(CHANNEL_BINDINGS, value, source),
  }),
  require_auth: (value, source) => ({ requireAuth: readRequireAuth(value, source) }),
  application_name: (value) => ({ applicationName: value }),
  fallback_application_name: (value) => ({ fallbackApplicationName: value }),
  options: (value) => ({ options: value }),
  client_encoding: (value) => ({ clientEncoding: value }),
  keepalives: readKeepalives,
  keepalives_idle: readKeepalivesIdle,
  keepalives_interval: readKeepalivesInterval,
  keepalives_count: readKeepalivesCount,
  tcp_user_timeout: readTcpUserTimeout,
  connect_timeout: readConnectTimeout,
  target_session_attrs: (value, source) => ({
    sessionAttrs: readOneOf(SESSION_ATTRS, value, source),
  }),
  load_balance_hosts: (value, source) => ({
    loadBalanceHosts: readOneOf(['disable', 'random'], value, source),
  }),
};

/** Keywords whose values are lists. They are read together. */
const LISTS = ['host', 'hostaddr', 'port'];

/**
 * Keywords of secrets. What follows one in a connection string may be part of its value, so messages do not quote it.
 */
export const SECRETS: readonly string[] = ['password', 'sslpassword'];

/** Every keyword that libpq knows, supported or not. */
export const LIBPQ_KEYWORDS: readonly string[] = [
  ...LISTS,
  ...Object.keys(READERS),
  ...Object.keys(UNSUPPORTED),
];

/**
 * Returns the meaning of the parameters. An empty value means libpq's default, as if it were not given. Throws a
 * UsageError for a wrong or unsupported value; it begins with the source and never quotes a password.
 */
export function readParameters(given: GivenParameters): TargetSpec {
  const specs = [...given].map(([keyword, value]) => readParameter(keyword, value));
  return Object.assign({ hosts: readHosts(given) }, ...specs);
}

function readParameter(keyword: string, { value, source }: GivenValue): Partial<TargetSpec> {
  if (value === '' || LISTS.includes(keyword)) return {};
  if (value.includes('\0')) throw invalid(`${source} must not contain a NUL`);
  const unsupported = UNSUPPORTED[keyword];
  if (unsupported?.harmless.includes(value)) return {};
  if (unsupported !== undefined) throw invalid(`${source} is not supported: ${unsupported.why}`);
  const read = READERS[keyword];
  if (read === undefined) throw invalid(`${source} is not a parameter of libpq`);
  return read(value, source);
}

function readSslMode(value: string, source: string): SslMode {
  if (value !== 'allow') return readOneOf(SSL_MODES, value, source);
  throw invalid(`${source} must be ${SSL_MODES.join(', ')}, got "allow"; ${NO_ALLOW}`);
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
