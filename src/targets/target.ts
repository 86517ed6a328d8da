import type { Endpoint } from '../drivers/endpoint.ts';
import type { SslModeOrigin } from './naming/settings/name-sslmode.ts';

/**
 * One server to connect to, with its name resolved and everything that an attempt needs. Never print it whole: it
 * contains the password.
 */
export interface Target extends Endpoint, SslModeOrigin {
  /** The role; `direct` by default. */
  role: string;
  /** Why the named password file gave no password; absent: it was read, or none was named. */
  passwordTrouble?: string;
}

/** Returns whether two targets are the same server, whatever their roles are. */
export function isSameServer(
  one: Pick<Target, 'address' | 'port'>,
  other: Pick<Target, 'address' | 'port'>,
): boolean {
  return one.address === other.address && one.port === other.port;
}
