import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/scenario/plan/random.ts';

function draw(seed: number, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, random);
}

describe('createRandom', () => {
  it('gives the same numbers for the same seed, and others for the next', () => {
    expect(draw(1, 100)).toEqual(draw(1, 100));
    expect(draw(1, 100)).not.toEqual(draw(2, 100));
  });

  it.each([0, 1, 2, 0xffff_ffff])('is uniform on [0, 1) for seed %d', (seed) => {
    const values = draw(seed, 100_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    // Mean 1/2 and variance 1/12, both within five standard errors.
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / values.length));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / values.length));
  });

  it('has unrelated streams for neighbouring seeds', () => {
    const firsts = Array.from({ length: 10_000 }, (_, seed) => draw(seed, 1)[0] ?? 0);
    const lagged = firsts.slice(1).map((value, i) => (value - 0.5) * ((firsts[i] ?? 0) - 0.5));
    const correlation = lagged.reduce((sum, value) => sum + value, 0) / lagged.length / (1 / 12);
    expect(Math.abs(correlation)).toBeLessThan(0.05);
  });
});
