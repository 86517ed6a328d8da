import type { JudgedStep } from '../outcome.ts';
import { countByIndex, isTrial, type Vote } from './ballot.ts';
import { type Grid, indexOf, rateAt } from './grid.ts';

/** Settings for the choice of the next trial. */
export interface WalkOptions {
  grid: Grid;
  /** Index of the first rate. */
  from: number;
  vote: Vote;
  /** Number of votes that decide on a rate. */
  majority: number;
  maxRatePerSecond: number;
}

/** Lowest rate that is tried. */
const LOWEST_PER_SECOND = 1;

/**
 * Returns the rate to try next; undefined if the knee is known to lie between two neighbours of the grid, or beyond the
 * rates that may be tried. Trials go up from a rate that was sustained and down from one that was not, until a
 * sustained rate has a neighbour above that was not. Then both take turns until enough votes agree on each. If the
 * target changes for some seconds, two trials of one rate in a row may agree, but hardly four that take turns.
 */
export function nextTrial(
  steps: readonly JudgedStep[],
  { grid, from, vote, majority, maxRatePerSecond }: WalkOptions,
): number | undefined {
  const counts = countByIndex(steps, grid, vote);
  const leans = (index: number): boolean | undefined => {
    const { good = 0, bad = 0 } = counts.get(index) ?? {};
    if (good === bad) return good >= majority ? false : undefined;
    return good > bad;
  };
  const isDecided = (index: number): boolean => {
    const { good = 0, bad = 0 } = counts.get(index) ?? {};
    return Math.max(good, bad) >= majority;
  };
  const isAllowed = (index: number): boolean => {
    const rate = rateAt(grid, index);
    return rate >= LOWEST_PER_SECOND && rate <= maxRatePerSecond * (1 + 1e-9);
  };
  const choose = (index: number): number | undefined => {
    const isGood = leans(index);
    if (isGood === undefined) return index;
    const next = isGood ? index + 1 : index - 1;
    if (!isAllowed(next)) return isDecided(index) ? undefined : index;
    if (leans(next) !== !isGood) return choose(next);
    const [below, above] = isGood ? [index, next] : [next, index];
    return chooseOfTwo(listVotes(steps, grid, vote), below, above);
  };
  /**
   * Returns the one to try of a sustained rate and its neighbour that was not; undefined if enough votes agree on both.
   */
  const chooseOfTwo = (votes: IndexVote[], below: number, above: number): number | undefined => {
    const open = [below, above].filter((index) => !isDecided(index));
    if (open.length === 1) return open[0];
    if (open.length === 0 && doTakeTurns(votes, below, above)) return undefined;
    const last = votes.findLast(({ index }) => index === below || index === above);
    return last?.index === above ? below : above;
  };
  const chosen = isAllowed(from) ? choose(from) : undefined;
  return chosen === undefined ? undefined : rateAt(grid, chosen);
}

interface IndexVote {
  index: number;
  isGood: boolean;
}

/** Returns the votes on the rates of a grid, in the order of time. */
function listVotes(steps: readonly JudgedStep[], grid: Grid, vote: Vote): IndexVote[] {
  return steps.flatMap((step) => {
    if (!isTrial(step)) return [];
    const isGood = vote(step);
    const index = indexOf(grid, step.level);
    return isGood === undefined || index === undefined ? [] : [{ index, isGood }];
  });
}

/** Returns whether the lower rate was sustained both before and after the upper one was not, or the other way round. */
function doTakeTurns(votes: readonly IndexVote[], below: number, above: number): boolean {
  const turns = votes
    .filter(({ index, isGood }) => (index === below ? isGood : index === above && !isGood))
    .map(({ index }) => index)
    .filter((index, at, all) => index !== all[at - 1]);
  return turns.length >= 3;
}
