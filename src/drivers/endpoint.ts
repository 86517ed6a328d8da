import type { SslMode } from '../scenario/plan/plan.ts';
import type { AuthRequirement } from './login/auth-requirement.ts';
import type { ChannelBinding } from './transport/channel-binding.ts';
import type { TlsSettings } from './transport/tls.ts';

/** The server and database user of an attempt. Holds the password and the key: never print it whole. */
export interface Endpoint {
  /** The host as given, for messages and for TLS's server name. For a Unix socket, its directory. */
  host: string;
  /** The IP address, or the path of the Unix socket, that attempts connect to. Names are resolved before the run. */
  address: string;
  port: number;
  database: string;
  user: string;
  password: string | undefined;
  sslmode: SslMode;
  /** Absent: only sslmode was given. */
  tls?: TlsSettings;
  /** libpq's channel_binding. Absent: `prefer`. */
  channelBinding?: ChannelBinding;
  /** Absent: the server may ask for any method, except for a cleartext password without TLS. */
  requireAuth?: AuthRequirement;
  /** The most SCRAM iterations that are accepted. Absent: DEFAULT_MAX_ITERATIONS of scram.ts. */
  maxScramIterations?: number;
  /** Sent in the StartupMessage, beside user and database. */
  applicationName: string;
  /** Command-line options for the server, sent in the StartupMessage too. */
  options?: string;
  /**
   * Name of an encoding, sent in the StartupMessage too. Absent: UTF8. What the server says is always read as UTF-8.
   */
  clientEncoding?: string;
  /**
   * Seconds of idleness after which TCP checks whether the other side still exists; only for TCP. Absent: no checks.
   */
  keepaliveIdleS?: number;
}

/** Returns whether an endpoint's address is the path of a Unix socket. */
export function isUnixSocket(address: string): boolean {
  return address.startsWith('/');
}
