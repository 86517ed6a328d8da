import type { SessionAttrs } from '../../drivers/login/session-attrs.ts';
import type { UnreachableError } from '../../errors.ts';
import type { Target } from '../target.ts';

/** A target that is ready for use: its settings are decided, and its host names were resolved once. */
export interface ResolvedTarget {
  /** The hosts in the order given; at least one. */
  hosts: ResolvedHost[];
  sessionAttrs: SessionAttrs;
  /** load_balance_hosts=random: attempts go to all usable hosts, not only to the first. */
  spread: boolean;
  /** connect_timeout in seconds; undefined if none is asked for. */
  connectTimeoutS: number | undefined;
  /** Time that resolving all names took together, in microseconds; null if there were no names. */
  dnsUs: number | null;
  /** Lines for people, e.g. about a password file that was ignored. */
  warnings: string[];
}

/** One of the servers that a target names. */
export interface ResolvedHost {
  /** The target with the first of `addresses`. */
  target: Target;
  /** The addresses in the resolver's order; none if the name did not resolve. */
  addresses: string[];
  /** Why the name did not resolve. */
  unresolved?: UnreachableError;
}
