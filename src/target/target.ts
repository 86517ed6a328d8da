import type { SslMode } from '../scenario/plan.ts';

/** One thing to connect to, names resolved; everything an attempt needs. Never printed whole: it holds the password. */
export interface Target {
  /** `direct` unless said otherwise. */
  role: string;
  /** As given, for people and for TLS's server name. */
  host: string;
  /** The IP address that attempts connect to. */
  address: string;
  port: number;
  database: string;
  user: string;
  password: string | undefined;
  sslmode: SslMode;
  /** Sent in the StartupMessage, beside user and database. */
  applicationName: string;
}
