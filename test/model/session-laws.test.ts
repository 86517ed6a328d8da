import { describe, expect, it } from 'vitest';
import {
  checkAccounting,
  checkReconnects,
  checkSessions,
  zeroConnections,
} from '../../src/model/accounting.ts';
import type { Accounting, ReconnectStorm, SessionAccounting } from '../../src/model/ledgers.ts';

const ATTEMPTS: Accounting = {
  due: 10,
  dropped: 2,
  begun: 8,
  started: 15,
  ok: 9,
  failed: 6,
  abandoned: 0,
  cancelled: 0,
  lost: 0,
  inFlight: 0,
};
const SESSIONS: SessionAccounting = {
  begun: 11,
  reconnects: 3,
  connected: 9,
  gaveUp: 2,
  cancelled: 0,
  lost: 0,
  waiting: 0,
  attempts: 12,
  withinGoal: 4,
};

describe('the laws of sessions', () => {
  it('hold where every wish has come to an end', () => {
    expect(checkSessions(SESSIONS, ATTEMPTS, { complete: true })).toEqual([]);
  });

  it.each<[string, Partial<SessionAccounting>, RegExp]>([
    ['a session that is nowhere', { gaveUp: 1 }, /begun 11 is not ended 10 \+ waiting 0/],
    [
      'a session of no arrival',
      { reconnects: 2 },
      /begun 11 is not arrivals begun 8 \+ reconnects 2/,
    ],
    ['a connection of no session', { connected: 8, gaveUp: 3 }, /connected 8 is not ok 9/],
    ['more attempts than there were', { attempts: 16 }, /attempts 16 of 9 connected/],
    ['fewer attempts than successes', { attempts: 8 }, /attempts 8 of 9 connected/],
    ['more within the goal than connected', { withinGoal: 10 }, /within goal 10 is more than 9/],
    ['one that waits at the end', { gaveUp: 1, waiting: 1 }, /has ended with 1 session waiting/],
    ['less than none', { cancelled: -1, gaveUp: 3 }, /cancelled -1 is not a count/],
  ])('do not for %s', (_, wrong, violation) => {
    const violations = checkSessions({ ...SESSIONS, ...wrong }, ATTEMPTS, { complete: true });
    expect(violations.join('; ')).toMatch(violation);
  });

  it('let an arrival have several attempts only where there are sessions', () => {
    const connections = { ...zeroConnections(), opened: 9, closed: 9, open: 0 };
    const complete = { complete: true };
    expect(checkAccounting(ATTEMPTS, connections, { ...complete, sessions: true })).toEqual([]);
    expect(checkAccounting(ATTEMPTS, connections, complete)).toEqual(['started 15 is not begun 8']);
  });
});

describe('the laws of reconnect storms', () => {
  const STORM: ReconnectStorm = {
    firstCutUs: 1,
    lastCutUs: 2,
    endUs: 3,
    cut: 3,
    back: 2,
    gaveUp: 1,
    ended: 0,
  };

  it.each<[string, ReconnectStorm[], Partial<SessionAccounting>, RegExp]>([
    ['hold where each that was cut is told of', [STORM], {}, /^$/],
    ['hold while some are away', [STORM], { reconnects: 5, waiting: 2 }, /^$/],
    ['do not for one that is not told of', [], {}, /reconnects 3 is not 0 in storms/],
    ['do not for one too many', [STORM], { reconnects: 2 }, /reconnects 2 is not 3 in storms/],
    ['do not for a storm that does not close', [{ ...STORM, back: 1 }], {}, /cut 3 is not back 1/],
  ])('%s', (_, storms, sessions, violations) => {
    const found = checkReconnects(storms, { ...SESSIONS, ...sessions });
    expect(found.join('; ')).toMatch(violations);
  });
});
