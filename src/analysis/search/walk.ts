import { countByIndex, type Vote } from './ballot.ts';
import { type Grid, rateAt } from './grid.ts';
import type { JudgedStep } from './outcome.ts';

/** The rate to try next; undefined: the knee lies between two neighbours of the grid, or beyond what may be tried. */
export interface WalkOptions {
  grid: Grid;
  /** Where it begins. */
  from: number;
  vote: Vote;
  /** Votes that decide on a rate. */
  majority: number;
  maxRatePerSecond: number;
}

/** Lower rates are none. */
const LOWEST_PER_SECOND = 1;

/**
 * Trials of one rate until enough agree; then of the next above a good one, or the next below a bad one, until a good
 * rate has a bad one above it.
 */
export function nextTrial(
  steps: readonly JudgedStep[],
  { grid, from, vote, majority, maxRatePerSecond }: WalkOptions,
): number | undefined {
  const counts = countByIndex(steps, grid, vote);
  const decided = (index: number): boolean | undefined => {
    const { good = 0, bad = 0 } = counts.get(index) ?? {};
    if (good >= majority) return true;
    return bad >= majority ? false : undefined;
  };
  for (let index = from; ; ) {
    const rate = rateAt(grid, index);
    if (rate < LOWEST_PER_SECOND || rate > maxRatePerSecond * (1 + 1e-9)) return undefined;
    const isGood = decided(index);
    if (isGood === undefined) return rate;
    const next = isGood ? index + 1 : index - 1;
    if (decided(next) === !isGood) return undefined;
    index = next;
  }
}
