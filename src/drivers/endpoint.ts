import type { SslMode } from '../scenario/plan/plan.ts';
import type { AuthRequirement } from './login/auth-requirement.ts';
import type { ChannelBinding } from './transport/channel-binding.ts';
import type { TlsSettings } from './transport/tls.ts';

/** Where an attempt connects to and as whom. Holds the password and the key: never printed whole. */
export interface Endpoint {
  /** As given, for people and for TLS's server name; of a Unix socket its directory. */
  host: string;
  /** The IP address, or the path of the Unix socket, that attempts connect to: names are resolved before the run. */
  address: string;
  port: number;
  database: string;
  user: string;
  password: string | undefined;
  sslmode: SslMode;
  /** Absent: nothing beside sslmode was given. */
  tls?: TlsSettings;
  /** Absent: `prefer`. */
  channelBinding?: ChannelBinding;
  /** Absent: the server may ask for what it likes, but for a cleartext password without TLS. */
  requireAuth?: AuthRequirement;
  /** A server that asks for more SCRAM iterations is not answered. Absent: DEFAULT_MAX_ITERATIONS of scram.ts. */
  maxScramIterations?: number;
  /** Sent in the StartupMessage, beside user and database. */
  applicationName: string;
  /** Command-line options for the server, sent likewise. */
  options?: string;
  /** A name of an encoding, sent likewise. What the server says is read as UTF-8 whatever it is. Absent: UTF8. */
  clientEncoding?: string;
  /** Idle seconds after which TCP asks whether the other side is still there; of TCP alone. Absent: it does not ask. */
  keepaliveIdleS?: number;
}

/** Whether an endpoint's address is the path of a Unix socket. */
export function isUnixSocket(address: string): boolean {
  return address.startsWith('/');
}
