import { createRandom } from './random.ts';

/** One repetition of all variants. */
export interface Round {
  /** From 1. */
  round: number;
  /** Of all its variants. */
  seed: number;
  /** Indexes of the variants, in the order they are run. */
  order: number[];
}

/**
 * The rounds of a run. Variants take turns forwards and backwards (a b c, c b a, a b c, ...), so that what changes
 * steadily while the run goes on (a cache that fills, a machine that warms up) does not favour one of them.
 *
 * All variants of a round share its seed, hence the same random arrivals. The first round's is the scenario's: a single
 * round is the same run as without `repeat`. The n-th's is the (n-1)-th number of the stream that the scenario's
 * seed gives (random.ts), times 2^32 and rounded down.
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
