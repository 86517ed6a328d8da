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
  const margin = { low: 0.9, high: 1.1 };
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
    expect(judgeInterval({ low, high }, margin)).toBe(verdict);
  });
});
