import { describe, expect, it } from 'vitest';
import { hasGrown } from '../../../src/analysis/search/growth.ts';
import { createRandom } from '../../../src/scenario/plan/random.ts';

const flat = (count: number): number[] => Array.from({ length: count }, (_, at) => at % 3);

describe('growth of connections in flight', () => {
  it.each([
    ['a steady climb', Array.from({ length: 34 }, (_, at) => at), true],
    ['a steady climb with noise', flat(34).map((noise, at) => at / 2 + 3 * noise), true],
    ['nothing at all', flat(34), false],
    ['none in flight', new Array(34).fill(0), false],
    ['a jump at the end, as a stall leaves it', [...flat(31), 30, 60, 90], false],
    ['a hump that has gone again', [...flat(10), 20, 40, 60, 40, 20, ...flat(19)], false],
    ['a fall', Array.from({ length: 34 }, (_, at) => 34 - at), false],
    ['too few samples', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], false],
  ])('of %s: %s', (_, samples, grown) => {
    expect(hasGrown(samples)).toBe(grown);
  });

  it('is seen in less than one of ten series that hang together and do not grow', () => {
    let seen = 0;
    for (let seed = 1; seed <= 1000; seed++) {
      const random = createRandom(seed);
      let level = 0;
      const samples = Array.from({ length: 36 }, () => {
        level = 0.5 * level + random() - 0.5;
        return level;
      });
      if (hasGrown(samples)) seen++;
    }
    expect(seen / 1000).toBeLessThan(0.1);
  });
});
