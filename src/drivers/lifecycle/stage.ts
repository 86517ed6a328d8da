import type { FailurePhase } from '../../model/measures.ts';
import { ABSENT, type Attempt } from '../driver.ts';

/**
 * Where a connection stands. The first four belong to the attempt, in this order; `querying`, `sampling` (the
 * backend is asked for its age), `holding` and `closing` (Terminate is written, the server's FIN is waited for) to the
 * connection it opened; `over` is entered once, and
 * nothing follows it.
 */
export type Stage =
  | 'connecting'
  | 'ssl-reply'
  | 'handshake'
  | 'login'
  | 'querying'
  | 'sampling'
  | 'holding'
  | 'closing'
  | 'over';

/** Whether the attempt has not ended yet. */
export function isAttemptStage(stage: Stage): boolean {
  return (
    stage === 'connecting' || stage === 'ssl-reply' || stage === 'handshake' || stage === 'login'
  );
}

/** Whether there is a connection that nobody has begun to close. */
export function isOpenStage(stage: Stage): boolean {
  return stage === 'querying' || stage === 'sampling' || stage === 'holding';
}

/** Whether the server owes us the answer to a query. */
export function isAskingStage(stage: Stage): boolean {
  return stage === 'querying' || stage === 'sampling';
}

/**
 * The phase, or the hold, that something happens in. `accepted`: the server has let us in; until then, or until our last word
 * of authentication, a login is in `auth`, and before its first byte in `spawn`.
 */
export function phaseOf(stage: Stage, attempt: Attempt, accepted: boolean): FailurePhase {
  switch (stage) {
    case 'connecting':
      return 'tcp';
    case 'ssl-reply':
      return 'spawn';
    case 'handshake':
      // Direct TLS: until the server's hello, nothing has shown that a backend runs.
      return attempt.spawnedUs === ABSENT ? 'spawn' : 'tls';
    case 'login':
      if (accepted || attempt.authenticatedUs !== ABSENT) return 'ready';
      return attempt.spawnedUs === ABSENT ? 'spawn' : 'auth';
    case 'holding':
      return 'hold';
    case 'closing':
      return 'close';
    default:
      return 'query';
  }
}
