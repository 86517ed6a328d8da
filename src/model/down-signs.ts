import type { Failure } from './measures.ts';

/**
 * SQLSTATEs of a server that crashed (57P02) or cannot take connects now (57P03). A session that was ended on command
 * (57P01) or was idle for too long (57P05) is not proof: somebody else may have ended that session alone.
 */
const DOWN_STATES: ReadonlySet<string> = new Set(['57P02', '57P03']);

/** PostgreSQL's own words, which poolers pass on with another SQLSTATE. */
const DOWN_MESSAGE =
  /the database system is (?:shutting down|starting up|in recovery mode|not (?:yet )?accepting connections)/i;

/**
 * Error names of a connect to a place where nobody listens: a TCP port, or a Unix socket's file. A full accept queue
 * gives none of them: over TCP the connect waits or is reset, over a Unix socket it is EAGAIN.
 */
const NOBODY_LISTENS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT']);

/**
 * Returns whether a failed attempt proves that the target was down, starting or shutting down. Resets, closed
 * connections and timeouts prove nothing: overload can produce them, too.
 */
export function isDownSign({ layer, phase, code, message }: Failure): boolean {
  if (layer === 'network') return phase === 'tcp' && NOBODY_LISTENS.has(code);
  return layer === 'server' && (DOWN_STATES.has(code) || DOWN_MESSAGE.test(message));
}
