import type { Endpoint } from '../drivers/endpoint.ts';
import type { SslModeOrigin } from './naming/settings/name-sslmode.ts';

/** One thing to connect to, names resolved; everything an attempt needs. Never printed whole: it holds the password. */
export interface Target extends Endpoint, SslModeOrigin {
  /** `direct` unless said otherwise. */
  role: string;
  /** Why the password file that was named says no password; absent: it was read, or none was named. */
  passwordTrouble?: string;
}
