import type { OpenInterval } from './interval.ts';

/**
 * A session that has ended. `wishUs`: when its client first wanted to be connected. `atUs`: when the session ended.
 * Both are microseconds since T0.
 */
export interface EndedSession {
  step: number;
  wishUs: number;
  atUs: number;
  attempts: number;
  isReconnect: boolean;
}

export type SessionOutcome = 'connected' | 'gaveUp' | 'cancelled' | 'lost';

const RECONNECT_OUTCOMES = {
  connected: 'back',
  gaveUp: 'gaveUp',
  cancelled: 'ended',
  lost: 'ended',
} as const;

/**
 * Counts a session in the interval that it ended in. `goalUs`: the longest time, in microseconds, that counts as within
 * the goal.
 */
export function recordSession(
  interval: OpenInterval,
  { step, wishUs, atUs, attempts, isReconnect }: EndedSession,
  outcome: SessionOutcome,
  goalUs: number,
): void {
  const tally = interval.of(step);
  const sessions = tally.countSessions();
  sessions[outcome]++;
  const latencyUs = atUs - wishUs;
  if (outcome === 'connected') {
    sessions.attempts += attempts;
    if (latencyUs <= goalUs) sessions.withinGoal++;
    if (!isReconnect) tally.noteConnected(atUs);
    tally.record('sessionLatency', latencyUs);
  } else if (outcome !== 'lost') tally.record('censoredSessionLatency', latencyUs);
  if (isReconnect) interval.reconnects.addSession(wishUs, atUs, RECONNECT_OUTCOMES[outcome]);
}
