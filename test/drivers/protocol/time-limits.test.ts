import { describe, expect, it } from 'vitest';
import {
  liftLimits,
  refusesOptions,
  renderUnlimited,
} from '../../../src/drivers/protocol/time-limits.ts';

describe('limits on the time of our own sessions', () => {
  it.each([
    ['13.4', 'statement_timeout lock_timeout idle_in_transaction_session_timeout'],
    [
      '14.0',
      'statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout',
    ],
    [
      '18.4',
      'statement_timeout lock_timeout idle_in_transaction_session_timeout idle_session_timeout transaction_timeout',
    ],
  ])('are lifted at a login to version %s as far as it has them', (version, names) => {
    const listed = renderUnlimited(version)?.split('-c ').join('').split('=0').join('');
    expect(listed).toBe(names);
  });

  it('are left alone where the version is not known', () => {
    expect(renderUnlimited(null)).toBeUndefined();
  });

  it('are lifted within a question, before it', () => {
    expect(liftLimits('SELECT 7')).toMatch(/^SET LOCAL statement_timeout = 0; .*; SELECT 7$/);
  });

  it.each([
    [{ code: '42704' }, true],
    [{ code: '08P01' }, true],
    [{ code: '53300' }, false],
    [{ code: '57P03' }, false],
    [{ code: 'ECONNREFUSED' }, false],
    [new Error('timeout expired'), false],
  ])('may be what %o refuses: %s', (error, expected) => {
    expect(refusesOptions(error)).toBe(expected);
  });
});
