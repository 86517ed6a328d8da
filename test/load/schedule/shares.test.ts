import { describe, expect, it } from 'vitest';
import { shareOf } from '../../../src/load/schedule/shares.ts';

describe('shareOf', () => {
  it.each([
    [10, 1],
    [10, 3],
    [7, 7],
    [100, 6],
  ])('divides %i among %i workers, the remainder to the first', (cap, workers) => {
    const shares = Array.from({ length: workers }, (_, worker) => shareOf(cap, worker, workers));
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(cap);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
  });
});
