import { describe, expect, it } from 'vitest';
import { medianOf } from '../../../src/analysis/figures/median.ts';

describe('medianOf', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[Infinity, 1, Infinity], Infinity],
    [[-Infinity, 0, Infinity], 0],
    [[Infinity, Infinity], Infinity],
  ])('of %j is %j, in whatever order they come', (values, median) => {
    expect(medianOf(values)).toBe(median);
    expect(medianOf([...values].reverse())).toBe(median);
  });

  it('of no values is no number', () => {
    expect(medianOf([])).toBeNaN();
  });
});
