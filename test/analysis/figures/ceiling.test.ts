import { describe, expect, it } from 'vitest';
import { findCeiling, hasGivenOut } from '../../../src/analysis/figures/ceiling.ts';
import { summariseMetric } from '../../../src/analysis/figures/quantiles.ts';
import { zeroCounts } from '../../../src/model/accounting.ts';
import { Histogram } from '../../../src/model/histogram.ts';
import type { StepSummary } from '../../../src/result/records/summary-figures.ts';

type How = 'good' | 'late' | 'short' | 'failed';

/** Steps of 1,000/s, 2,000/s and so on. */
function makeSteps(...hows: How[]): StepSummary[] {
  return hows.map((how, index) => {
    const ratePerSecond = (index + 1) * 1000;
    const empty = summariseMetric(new Histogram());
    const late = { code: 'LATE_GENERATOR', message: 'late' };
    const ok = ratePerSecond - (how === 'failed' ? 1 : 0);
    return {
      index,
      fromUs: index * 1_000_000,
      toUs: (index + 1) * 1_000_000,
      startRatePerSecond: ratePerSecond,
      endRatePerSecond: ratePerSecond,
      offeredPerSecond: ratePerSecond,
      achievedPerSecond: ratePerSecond * (how === 'short' ? 0.96 : 0.98),
      accounting: { ...zeroCounts(), due: ratePerSecond, ok, inFlight: 0 },
      latency: empty,
      lateness: empty,
      validity: { valid: how !== 'late', reasons: how === 'late' ? [late] : [] },
    };
  });
}

describe('findCeiling', () => {
  it.each<[string, How[], number | null, number | null]>([
    ['between the last good and the first bad step', ['good', 'good', 'late'], 2000, 3000],
    ['one that fell short', ['good', 'short'], 1000, 2000],
    ['one where something failed', ['good', 'failed'], 1000, 2000],
    ['above a hiccup', ['good', 'late', 'good', 'late'], 3000, 4000],
    ['open upwards', ['good', 'good'], 2000, null],
    ['none', ['late', 'short'], null, 1000],
    ['nothing tried', [], null, null],
  ])('%s', (_, hows, sustainedPerSecond, failedPerSecond) => {
    expect(findCeiling(makeSteps(...hows))).toEqual({ sustainedPerSecond, failedPerSecond });
  });
});

it.each<[How[], boolean]>([
  [[], false],
  [['good', 'short'], false],
  [['good', 'short', 'short'], true],
  [['late', 'late', 'late'], false],
  [['late', 'late', 'late', 'late'], true],
  [['short', 'good', 'late', 'short'], false],
])('steps that were %j have given out: %j', (hows, expected) => {
  expect(hasGivenOut(makeSteps(...hows))).toBe(expected);
});
