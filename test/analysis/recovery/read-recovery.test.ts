import { describe, expect, it } from 'vitest';
import { readOutage, readRecovered } from '../../../src/analysis/recovery/read-recovery.ts';
import type { Recovered } from '../../../src/result/records/recovery.ts';
import {
  disturbed,
  NONE_SEEN,
  NOT_MEASURABLE,
  SEEN,
} from '../../support/synthetic/synthetic-recovery.ts';

const SECOND_US = 1_000_000;

describe('a budget on disturbances', () => {
  it('is on the longest of them', () => {
    const all = [
      disturbed(),
      disturbed({ outage: NONE_SEEN, recovered: { kind: 'never-slow', beforeP90Us: 1 } }),
    ];
    expect(readOutage(all)).toEqual({ low: 2 * SECOND_US, high: 2 * SECOND_US, of: 2 });
    expect(readRecovered(all)).toEqual({ low: 3 * SECOND_US, high: 3 * SECOND_US, of: 2 });
  });

  it('has nothing to judge if nothing was disturbed', () => {
    expect(readOutage([])).toBeNull();
  });

  it('has no upper bound if one outage had not ended, or cannot be measured', () => {
    const open = disturbed({ outage: { ...SEEN, atLeast: true } });
    expect(readOutage([open])).toMatchObject({ low: 2 * SECOND_US, high: Infinity });
    const unknown = disturbed({ outage: NOT_MEASURABLE });
    expect(readOutage([disturbed(), unknown])).toMatchObject({
      low: 2 * SECOND_US,
      high: Infinity,
      reason: 'not measurable here: the host is away',
    });
  });

  it.each([
    ['outage', readOutage, disturbed({ outage: NOT_MEASURABLE })],
    ['recovery', readRecovered, disturbed({ recovered: NOT_MEASURABLE })],
  ] as const)('has no lower bound either if no %s can be measured', (_, read, unknown) => {
    expect(read([unknown])).toMatchObject({ low: -Infinity, high: Infinity });
  });

  it('is at most the longest gap if no outage was seen', () => {
    expect(readOutage([disturbed({ outage: NONE_SEEN })])).toMatchObject({
      low: 0,
      high: 8_000,
    });
  });

  it('is at least as long as the load went on, if it did not recover', () => {
    const lost: Recovered = { kind: 'not-recovered', forUs: 9 * SECOND_US, beforeP90Us: 2_000 };
    expect(readRecovered([disturbed({ recovered: lost })])).toMatchObject({
      low: 9 * SECOND_US,
      high: Infinity,
    });
  });
});
