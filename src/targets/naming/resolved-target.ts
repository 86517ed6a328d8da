import type { UnreachableError } from '../../errors.ts';
import type { Target } from '../target.ts';
import type { SessionAttrs } from './settings/session-attrs.ts';

/** A target as it is used: its settings settled, its host names resolved once. */
export interface ResolvedTarget {
  /** In the order given, at least one. */
  hosts: ResolvedHost[];
  sessionAttrs: SessionAttrs;
  /** load_balance_hosts=random: attempts go to all hosts that can be used, not to the first. */
  spread: boolean;
  /** connect_timeout; undefined where none is asked for. */
  connectTimeoutS: number | undefined;
  /** How long resolving the names took, all together; null where there was none. */
  dnsUs: number | null;
  /** For people, e.g. about a password file that was ignored. */
  warnings: string[];
}

/** One of the servers that a target names. */
export interface ResolvedHost {
  /** With the first of `addresses`. */
  target: Target;
  /** In the resolver's order; none where the name did not resolve. */
  addresses: string[];
  /** Why the name did not resolve. */
  unresolved?: UnreachableError;
}
