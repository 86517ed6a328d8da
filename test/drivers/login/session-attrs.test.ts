import { describe, expect, it } from 'vitest';
import { judgeSession, readReportedState } from '../../../src/drivers/login/session-attrs.ts';

describe('readReportedState', () => {
  it.each([
    [{}, { readOnly: null, standby: null }],
    [{ in_hot_standby: 'off' }, { readOnly: null, standby: false }],
    [{ default_transaction_read_only: 'on' }, { readOnly: null, standby: null }],
    [
      { in_hot_standby: 'on', default_transaction_read_only: 'off' },
      { readOnly: true, standby: true },
    ],
    [
      { in_hot_standby: 'off', default_transaction_read_only: 'on' },
      { readOnly: true, standby: false },
    ],
    [
      { in_hot_standby: 'off', default_transaction_read_only: 'off' },
      { readOnly: false, standby: false },
    ],
  ])('reads %o', (parameters, expected) => {
    expect(readReportedState(parameters)).toEqual(expected);
  });
});

describe('judgeSession', () => {
  it('says what is not as wanted', () => {
    const standby = { readOnly: true, standby: true };
    expect(judgeSession(standby, 'any')).toBeUndefined();
    expect(judgeSession(standby, 'read-only')).toBeUndefined();
    expect(judgeSession(standby, 'read-write')).toBe('is read-only');
    expect(judgeSession({ readOnly: false, standby: null }, 'read-only')).toBe('is not read-only');
    expect(judgeSession({ readOnly: null, standby: null }, 'read-write')).toBe(
      'does not report whether it is read-only',
    );
  });
});
