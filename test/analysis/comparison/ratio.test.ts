import { describe, expect, it } from 'vitest';
import { type Bounds, estimateRatio } from '../../../src/analysis/comparison/ratio.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';
import { createNormal } from '../../support/virtual/normal.ts';

const exact = (...values: number[]): Bounds[] => values.map((us) => ({ low: us, high: us }));
const atLeast = (us: number): Bounds => ({ low: us, high: Infinity });

/**
 * The interval by its definition: all ratios with which `b` may be multiplied so that the Mann-Whitney test, its distribution
 * enumerated, does not tell it from `a`. Tried just beside every ratio of two values, where the answer can change.
 */
function invertTest(a: readonly number[], b: readonly number[]): { low: number; high: number } {
  const ratios = a.flatMap((x) => b.map((y) => x / y));
  const candidates = ratios.flatMap((ratio) => [ratio * (1 - 1e-9), ratio * (1 + 1e-9)]);
  const accepted = candidates.filter(
    (ratio) =>
      !isRejected(
        a,
        b.map((y) => y * ratio),
      ),
  );
  return { low: Math.min(...accepted), high: Math.max(...accepted) };
}

function isRejected(a: readonly number[], b: readonly number[]): boolean {
  const observed = countWins(a, b);
  const all = [...a, ...b];
  let below = 0;
  let above = 0;
  let total = 0;
  for (let mask = 0; mask < 2 ** all.length; mask++) {
    const ofA = all.filter((_, index) => (mask >> index) & 1);
    if (ofA.length !== a.length) continue;
    const wins = countWins(
      ofA,
      all.filter((_, index) => !((mask >> index) & 1)),
    );
    total++;
    if (wins <= observed) below++;
    if (wins >= observed) above++;
  }
  return (2 * Math.min(below, above)) / total <= 0.05;
}

function countWins(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x) => sum + b.filter((y) => x > y).length, 0);
}

describe('the interval of a ratio', () => {
  it.each([
    [4, 4],
    [4, 5],
    [5, 5],
    [5, 6],
    [6, 5],
  ])('of %d and %d rounds is what the test, enumerated, does not reject', (m, n) => {
    const normal = createNormal(createRandom(m * 100 + n));
    for (let trial = 0; trial < 5; trial++) {
      const a = Array.from({ length: m }, () => 1000 * Math.exp(0.3 * normal()));
      const b = Array.from({ length: n }, () => 700 * Math.exp(0.3 * normal()));
      const { low, high } = invertTest(a, b);
      const { interval } = estimateRatio(exact(...a), exact(...b));
      expect(interval?.low).toBeCloseTo(low, 5);
      expect(interval?.high).toBeCloseTo(high, 5);
    }
  });

  it('is none of three rounds against three', () => {
    const { estimate, interval } = estimateRatio(exact(2, 2, 2), exact(1, 1, 1));
    expect(interval).toBeNull();
    expect(estimate).toEqual({ low: expect.closeTo(2), high: expect.closeTo(2) });
  });
});

describe('the estimate of a ratio', () => {
  it('is the median of all ratios', () => {
    // 10/4 10/5, 20/4 20/5: 2, 2.5, 4, 5.
    const { estimate } = estimateRatio(exact(10, 20), exact(4, 5));
    expect(estimate.low).toBeCloseTo(Math.sqrt(2.5 * 4));
    expect(estimate.high).toBe(estimate.low);
  });

  it('is the inverse where the sides are exchanged', () => {
    const a = exact(3, 8, 5, 13, 7);
    const b = exact(11, 2, 9, 4, 6);
    const [forth, back] = [estimateRatio(a, b), estimateRatio(b, a)];
    expect(forth.estimate.low).toBeCloseTo(1 / back.estimate.low);
    expect(forth.interval?.low).toBeCloseTo(1 / (back.interval?.high ?? 0));
    expect(forth.interval?.high).toBeCloseTo(1 / (back.interval?.low ?? 0));
  });

  it('does not change with one wild round', () => {
    const calm = estimateRatio(exact(10, 11, 12, 13, 14), exact(10, 11, 12, 13, 14));
    const wild = estimateRatio(exact(10, 11, 12, 13, 14_000), exact(10, 11, 12, 13, 14));
    expect(calm.estimate.low).toBeCloseTo(1);
    expect(wild.estimate.low).toBeLessThan(1.1);
  });
});

describe('values that are only lower bounds', () => {
  const BASE = exact(10, 11, 12, 13, 14);

  it('leave the interval open upwards on the side that has them', () => {
    const many = [...exact(20, 21), atLeast(20), atLeast(20), atLeast(20)];
    const { interval, estimate } = estimateRatio(many, BASE);
    expect(interval?.high).toBe(Infinity);
    expect(interval?.low).toBeGreaterThan(1.3);
    expect(estimate.high).toBe(Infinity);
  });

  it('leave it open downwards where the baseline has them', () => {
    const { interval } = estimateRatio(BASE, [
      ...exact(20, 21),
      atLeast(20),
      atLeast(20),
      atLeast(20),
    ]);
    expect(interval?.low).toBe(0);
    expect(interval?.high).toBeLessThan(0.8);
  });

  it('bound the estimate of what they stand for, whatever that is', () => {
    const normal = createNormal(createRandom(5));
    for (let trial = 0; trial < 200; trial++) {
      const truth = Array.from({ length: 5 }, () => 100 * Math.exp(normal()));
      const cut = truth.map((us) => (us > 150 ? atLeast(150) : { low: us, high: us }));
      const { estimate, interval } = estimateRatio(cut, BASE);
      const known = estimateRatio(exact(...truth), BASE);
      expect(estimate.low).toBeLessThanOrEqual(known.estimate.low + 1e-9);
      expect(estimate.high).toBeGreaterThanOrEqual(known.estimate.high - 1e-9);
      expect(interval?.low).toBeLessThanOrEqual((known.interval?.low ?? 0) + 1e-9);
      expect(interval?.high).toBeGreaterThanOrEqual((known.interval?.high ?? 0) - 1e-9);
    }
  });

  it('of nothing at all on both sides say nothing', () => {
    const nothing = [atLeast(0), atLeast(0), atLeast(0), atLeast(0), atLeast(0)];
    expect(estimateRatio(nothing, nothing)).toEqual({
      estimate: { low: 0, high: Infinity },
      interval: { low: 0, high: Infinity },
    });
  });
});
