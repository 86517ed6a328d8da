import { describe, expect, it } from 'vitest';
import { describeRecovery } from '../../../src/report/recovery/describe-recovery.ts';
import { disturbed, NONE_SEEN } from '../../support/synthetic/synthetic-recovery.ts';

describe('the words of a report', () => {
  it('tell what was not seen from what cannot be measured', () => {
    const lines = describeRecovery(disturbed({ outage: NONE_SEEN })).join('\n');
    expect(lines).toContain(
      'outage: none seen; the longest time without a good connect was 8.00 ms',
    );
    expect(lines).toContain('clients that had left: not measurable here: the host is away');
  });

  it('give each figure with its measure', () => {
    expect(describeRecovery(disturbed()).slice(0, 4)).toEqual([
      'outage: 2.00 s without a good connect (before, one came every 5.00 ms)',
      'recovered: 3.00 s after the disturbance began, exact to 1 s (p90 within twice the earlier 2.00 ms)',
      'cut sessions: none',
      'meanwhile, for 3 s: 10 attempts ended, 5 ok, 2.00 for each success; at most 4 were seen in flight',
    ]);
  });

  it('say when the first client was connected again after a restart', () => {
    expect(describeRecovery(disturbed({ servedAfterUs: 340_000 }))[1]).toBe(
      'first client connected again: 340 ms after the restart began',
    );
  });
});
