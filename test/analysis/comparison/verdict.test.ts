import { describe, expect, it } from 'vitest';
import { findMargin, judgeInterval } from '../../../src/analysis/comparison/verdict.ts';

const SETTINGS = { relative: 0.05, absoluteUs: 1000 };

describe('the margin', () => {
  it.each([
    [100_000, 0.95, 1.05],
    [20_000, 0.95, 1.05],
    [10_000, 0.9, 1.1],
    [2000, 0.5, 1.5],
    [500, 0, 3],
  ])('around %d us is %d to %d: a twentieth, and a millisecond', (baselineUs, low, high) => {
    const margin = findMargin(baselineUs, SETTINGS);
    expect(margin.low).toBeCloseTo(low);
    expect(margin.high).toBeCloseTo(high);
  });
});

describe('an interval', () => {
  const exact = { low: 10_000, high: 10_000 };
  it.each([
    [1.11, 1.5, 'slower'],
    [1.11, Infinity, 'slower'],
    [0.5, 0.89, 'faster'],
    [0, 0.89, 'faster'],
    [0.9, 1.1, 'equivalent'],
    [0.99, 1.01, 'equivalent'],
    [0.85, 1.05, 'inconclusive'],
    [0.95, 1.2, 'inconclusive'],
    [0.5, 2, 'inconclusive'],
    [0.99, Infinity, 'inconclusive'],
    [0, Infinity, 'inconclusive'],
  ])('from %d to %d is %s', (low, high, verdict) => {
    expect(judgeInterval({ low, high }, exact, SETTINGS)).toBe(verdict);
  });

  it.each([
    // The margin is between 5 and 100 %.
    [1.5, 1.9, 1000, 20_000, 'inconclusive'],
    [2.1, 3, 1000, 20_000, 'slower'],
    [0.9, 1.3, 1000, 20_000, 'inconclusive'],
    [0.96, 1.04, 1000, 20_000, 'equivalent'],
    // Nobody knows how long the baseline takes.
    [0.5, 1.5, 900, Infinity, 'inconclusive'],
    [0, 1.04, 900, Infinity, 'inconclusive'],
    // The margin is from 0 to at least 2: no time is shorter than nothing.
    [0, 0.95, 500, 800, 'equivalent'],
    [0, 2.25, 500, 800, 'equivalent'],
    [0, 2.26, 500, 800, 'inconclusive'],
    [0, Infinity, 500, 800, 'inconclusive'],
    [0.5, Infinity, 500, 800, 'inconclusive'],
    // The margin begins at 0 for a quick baseline, and above it for a slow one.
    [0, 0.95, 500, 2000, 'inconclusive'],
    [0, 0.4, 1500, 2000, 'inconclusive'],
    [0, 0.3, 1500, 2000, 'faster'],
  ])(
    'from %d to %d of a baseline between %d and %d us is %s',
    (low, high, least, most, verdict) => {
      const baseline = { low: least, high: most };
      expect(judgeInterval({ low, high }, baseline, SETTINGS)).toBe(verdict);
    },
  );

  it('without a low end is not equivalent to a baseline without an upper bound, whatever the margin', () => {
    const baseline = { low: 900, high: Infinity };
    const wide = { relative: 2, absoluteUs: 1000 };
    expect(judgeInterval({ low: 0, high: 1.5 }, baseline, wide)).toBe('inconclusive');
    expect(judgeInterval({ low: 0.1, high: 1.5 }, baseline, wide)).toBe('equivalent');
  });
});
