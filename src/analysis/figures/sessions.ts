import type { ReconnectStorm, SessionAccounting } from '../../model/ledgers.ts';
import type { SessionSummary } from '../../result/records/summary-figures.ts';

export interface SessionContext {
  /** Arrivals that a cap kept from becoming sessions. Their clients wanted to be connected, too. */
  dropped: number;
  /** Attempts of all sessions, whatever their outcome. */
  started: number;
  storms: readonly ReconnectStorm[];
  /** Time during which arrivals came. */
  windowUs: number;
  goalUs: number | undefined;
}

/** Returns the figures of the sessions. */
export function summariseSessions(
  sessions: SessionAccounting,
  { dropped, started, storms, windowUs, goalUs }: SessionContext,
): SessionSummary {
  const { begun, connected, withinGoal } = sessions;
  return {
    ...sessions,
    reconnected: storms.reduce((sum, { back }) => sum + back, 0),
    attemptsPerSuccess: connected === 0 ? null : started / connected,
    goodput:
      goalUs === undefined
        ? null
        : {
            goalUs,
            withinGoal,
            share: withinGoal / (begun + dropped),
            perSecond: windowUs === 0 ? 0 : (withinGoal / windowUs) * 1_000_000,
          },
    reconnect: summariseReconnects(storms, sessions),
  };
}

/** Returns the largest storm. Storms contain only sessions that have come back or ended. */
function summariseReconnects(
  storms: readonly ReconnectStorm[],
  { reconnects }: SessionAccounting,
): SessionSummary['reconnect'] {
  const [largest] = [...storms].sort((a, b) => b.cut - a.cut);
  if (largest === undefined) return null;
  const { firstCutUs, endUs, cut, back, gaveUp, ended } = largest;
  const isAll = reconnects === storms.reduce((sum, storm) => sum + storm.cut, 0);
  const allBackUs = isAll && back === cut ? endUs - firstCutUs : null;
  return { storms: storms.length, firstCutUs, cut, back, gaveUp, ended, allBackUs };
}
