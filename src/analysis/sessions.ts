import type { ReconnectStorm, SessionAccounting, SessionSummary } from '../result/records.ts';

/** What became of the wishes to be connected. `windowUs`: the time that arrivals came. */
export function summariseSessions(
  sessions: SessionAccounting,
  {
    storms,
    windowUs,
    goalUs,
  }: { storms: readonly ReconnectStorm[]; windowUs: number; goalUs: number | undefined },
): SessionSummary {
  const { begun, connected, attempts, withinGoal } = sessions;
  return {
    ...sessions,
    attemptsPerSuccess: connected === 0 ? null : attempts / connected,
    goodput:
      goalUs === undefined
        ? null
        : {
            goalUs,
            withinGoal,
            share: withinGoal / begun,
            perSecond: windowUs === 0 ? 0 : (withinGoal / windowUs) * 1_000_000,
          },
    reconnect: summariseReconnects(storms),
  };
}

function summariseReconnects(storms: readonly ReconnectStorm[]): SessionSummary['reconnect'] {
  const [largest] = [...storms].sort((a, b) => b.cut - a.cut);
  if (largest === undefined) return null;
  const { firstCutUs, endUs, cut, back, gaveUp, ended } = largest;
  const allBackUs = back === cut ? endUs - firstCutUs : null;
  return { storms: storms.length, firstCutUs, cut, back, gaveUp, ended, allBackUs };
}
