import type { FailurePhase } from '../../model/measures.ts';
import { ABSENT, type Attempt } from '../driver.ts';

/**
 * The stage of a connection. The first five belong to the attempt, in this order; `checking` (the server is asked for its
 * role) comes only where an attempt wants a role that the login did not show. The next four belong to the
 * connection that it opened: `querying`, `sampling` (the backend is asked for its age), `holding`, and `closing`
 * (Terminate is written, and the server's FIN is due). `over` is entered once, and nothing follows it.
 */
export type Stage =
  | 'connecting'
  | 'ssl-reply'
  | 'handshake'
  | 'login'
  | 'checking'
  | 'querying'
  | 'sampling'
  | 'holding'
  | 'closing'
  | 'over';

/** Returns whether the attempt has not ended yet. */
export function isAttemptStage(stage: Stage): boolean {
  switch (stage) {
    case 'connecting':
    case 'ssl-reply':
    case 'handshake':
    case 'login':
    case 'checking':
      return true;
    default:
      return false;
  }
}

/** Returns whether a connection is ready and its closing has not begun. */
export function isOpenStage(stage: Stage): boolean {
  return stage === 'querying' || stage === 'sampling' || stage === 'holding';
}

/** Returns whether the server owes us the answer to a query. */
export function isAskingStage(stage: Stage): boolean {
  return stage === 'querying' || stage === 'sampling';
}

/**
 * Returns the phase, or `hold`, that a connection is in. A login is in `spawn` until the server's first byte, then in
 * `auth`. It is in `ready` after our last authentication message, or once it is `accepted` by the server.
 */
export function phaseOf(stage: Stage, attempt: Attempt, accepted: boolean): FailurePhase {
  switch (stage) {
    case 'connecting':
      return 'tcp';
    case 'ssl-reply':
      return 'spawn';
    case 'handshake':
      // In direct TLS nothing shows that a backend runs until the server's hello comes.
      return attempt.spawnedUs === ABSENT ? 'spawn' : 'tls';
    case 'login':
      if (accepted || attempt.authenticatedUs !== ABSENT) return 'ready';
      return attempt.spawnedUs === ABSENT ? 'spawn' : 'auth';
    case 'checking':
      return 'ready';
    case 'holding':
      return 'hold';
    case 'closing':
      return 'close';
    default:
      return 'query';
  }
}
