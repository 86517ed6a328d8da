import { describe, expect, it } from 'vitest';
import { planRounds } from '../../../src/scenario/plan/rounds.ts';

describe('planRounds', () => {
  it.each([
    [1, 1, [[0]]],
    [2, 1, [[0, 1]]],
    [
      2,
      3,
      [
        [0, 1],
        [1, 0],
        [0, 1],
      ],
    ],
    [
      3,
      4,
      [
        [0, 1, 2],
        [2, 1, 0],
        [0, 1, 2],
        [2, 1, 0],
      ],
    ],
  ])(
    'orders %i variants in %i rounds forwards and backwards by turns',
    (variants, repeat, order) => {
      const rounds = planRounds(variants, repeat, 1);
      expect(rounds.map((round) => round.order)).toEqual(order);
      expect(rounds.map(({ round }) => round)).toEqual(order.map((_, index) => index + 1));
    },
  );

  it('gives each round a seed of its own, the first one that of the scenario', () => {
    const seeds = planRounds(2, 100, 42).map(({ seed }) => seed);
    expect(seeds[0]).toBe(42);
    expect(new Set(seeds).size).toBe(100);
    for (const seed of seeds)
      expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32).toBe(true);
  });

  it('gives the same seeds for the same scenario, however many rounds there are, and others for another', () => {
    const seeds = (repeat: number, seed: number) =>
      planRounds(2, repeat, seed).map((it) => it.seed);
    expect(seeds(3, 7)).toEqual(seeds(5, 7).slice(0, 3));
    expect(seeds(3, 7).slice(1)).not.toEqual(seeds(3, 8).slice(1));
  });
});
