import { describe, expect, it } from 'vitest';
import { countRankSums, findRank } from '../../../src/analysis/comparison/rank-interval.ts';

/** Every order in which `m` values can lie among `n` others, by brute force: how often U is 0, 1, ... */
function enumerate(m: number, n: number): number[] {
  const counts: number[] = Array.from({ length: m * n + 1 }, () => 0);
  for (let mask = 0; mask < 2 ** (m + n); mask++) {
    let isOfM = 0;
    let u = 0;
    for (let place = 0; place < m + n; place++) {
      if ((mask >> place) & 1) {
        isOfM++;
        // Those of the n that lie below it.
        u += place + 1 - isOfM;
      }
    }
    if (isOfM === m) counts[u] = (counts[u] ?? 0) + 1;
  }
  return counts;
}

const SIZES = Array.from({ length: 7 }, (_m, m) =>
  Array.from({ length: 7 }, (_n, n) => [m + 1, n + 1] as const),
).flat();

describe('the orders of two samples', () => {
  it.each(SIZES)('of %d and %d values are counted as enumeration counts them', (m, n) => {
    expect(countRankSums(m, n)).toEqual(enumerate(m, n));
  });
});

describe('the rank of the bounds', () => {
  it.each(SIZES)(
    'misses in at most one of twenty orders of %d and %d, and the next would not',
    (m, n) => {
      const counts = enumerate(m, n);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const missesBelow = (rank: number): number =>
        (2 * counts.slice(0, rank).reduce((sum, count) => sum + count, 0)) / total;
      const rank = findRank(m, n);
      expect(missesBelow(rank)).toBeLessThanOrEqual(0.05);
      expect(missesBelow(rank + 1)).toBeGreaterThan(0.05);
    },
  );

  // Hollander and Wolfe, table A.6, and what every table of the Mann-Whitney test has.
  it.each([
    [3, 3, 0],
    [4, 4, 1],
    [5, 5, 3],
    [6, 6, 6],
    [8, 8, 14],
    [10, 10, 24],
    [5, 10, 9],
    [20, 20, 128],
  ])('of %d against %d is %d, as tables have it', (m, n, rank) => {
    expect(findRank(m, n)).toBe(rank);
  });

  it('is found for a hundred rounds against a hundred', () => {
    // The normal approximation: 5000 - 1.96 * 409.3 = 4197.8.
    expect(findRank(100, 100)).toBeGreaterThan(4190);
    expect(findRank(100, 100)).toBeLessThan(4206);
  });
});
