import { createRandom } from './random.ts';

/** One repetition of all variants. */
export interface Round {
  /** Counted from 1. */
  round: number;
  /** The seed of all its variants. */
  seed: number;
  /** Indexes of the variants, in the order in which they run. */
  order: number[];
}

/**
 * Plans the rounds of a run. Variants take turns forwards and backwards (a b c, c b a, a b c, ...). So what changes
 * steadily during the run (a cache that fills, a machine that warms up) does not favour one of them.
 *
 * All variants of a round share its seed, and so the same random arrivals. The first round has the scenario's seed: a
 * single round is the same run as without `repeat`. The n-th round has the (n-1)-th number of the stream from the
 * scenario's seed (random.ts), times 2^32 and rounded down.
 */
export function planRounds(variants: number, repeat: number, seed: number): Round[] {
  const next = createRandom(seed);
  return Array.from({ length: repeat }, (_, index) => {
    const forwards = Array.from({ length: variants }, (_variant, variant) => variant);
    return {
      round: index + 1,
      seed: index === 0 ? seed : Math.floor(next() * 2 ** 32),
      order: index % 2 === 0 ? forwards : forwards.reverse(),
    };
  });
}
