import { describe, expect, it } from 'vitest';
import { summariseSessions } from '../../../src/analysis/figures/sessions.ts';
import { zeroSessions } from '../../../src/model/accounting.ts';
import type { ReconnectStorm, SessionAccounting } from '../../../src/model/ledgers.ts';

const STORM: ReconnectStorm = {
  firstCutUs: 1_000_000,
  lastCutUs: 1_000_000,
  endUs: 4_000_000,
  cut: 50,
  back: 50,
  gaveUp: 0,
  ended: 0,
};

function summarise(
  sessions: Partial<SessionAccounting>,
  over: { dropped?: number; started?: number; storms?: ReconnectStorm[] } = {},
) {
  const { dropped = 0, started = 100, storms = [] } = over;
  const options = { dropped, started, storms, windowUs: 10_000_000, goalUs: 50_000 };
  return summariseSessions({ ...zeroSessions(), waiting: 0, ...sessions }, options);
}

describe('what became of sessions', () => {
  it('counts the attempts of those that gave up as the price of those that were connected', () => {
    const sessions = { begun: 100, connected: 50, gaveUp: 50, attempts: 50 };
    expect(summarise(sessions, { started: 550 }).attemptsPerSuccess).toBe(11);
    expect(summarise({ begun: 9, gaveUp: 9 }, { started: 90 }).attemptsPerSuccess).toBeNull();
  });

  it('has arrivals that a cap dropped outside of the goodput', () => {
    const sessions = { begun: 100, connected: 100, attempts: 100, withinGoal: 100 };
    expect(summarise(sessions, { dropped: 900 }).goodput).toEqual({
      goalUs: 50_000,
      withinGoal: 100,
      share: 0.1,
      perSecond: 10,
    });
  });

  it('does not say that all are back while some of those that were cut are not', () => {
    const sessions = { begun: 200, reconnects: 100, connected: 150, attempts: 150, waiting: 50 };
    const half = summarise(sessions, { storms: [STORM] });
    expect(half.reconnect).toMatchObject({ cut: 50, back: 50, allBackUs: null });
    const all = summarise({ ...sessions, reconnects: 50, waiting: 0 }, { storms: [STORM] });
    expect(all.reconnect).toMatchObject({ cut: 50, back: 50, allBackUs: 3_000_000 });
  });
});
