import type { JudgedStep } from '../outcome.ts';
import { type Grid, indexOf, isSameRate } from './grid.ts';
import { isUnsure } from './unsure.ts';

/** A step's vote on its rate; undefined: it has none. */
export type Vote = (step: JudgedStep) => boolean | undefined;

/**
 * Votes whether a rate is sustained. A step has no vote if it was held up or disturbed by others, if the fault was
 * connstorm's own, or if the target stopped serving.
 */
export const votesSustained: Vote = (step) => {
  const { verdict } = step;
  if (verdict === 'invalid' || verdict === 'broken' || isUnsure(step)) return undefined;
  return verdict === 'good';
};

/**
 * Votes whether a rate is sustained with a p99 of latency within the goal. Latencies that connstorm's own lateness made
 * longer can show that the goal was kept, but not that it was missed.
 */
export function votesWithin(goalUs: number): Vote {
  return (step) => {
    const sustained = votesSustained(step);
    if (sustained !== true) return sustained;
    const { p99Us, atLeast = [] } = step.latency;
    if (p99Us === null) return undefined;
    if (p99Us <= goalUs && !atLeast.includes('p99Us')) return true;
    return step.reasons.length > 0 ? undefined : false;
  };
}

export interface Count {
  ratePerSecond: number;
  good: number;
  bad: number;
}

/** Returns whether the step counts as a trial of a rate: steps of the climb, and trials. */
export function isTrial({ role }: JudgedStep): boolean {
  return role === 'climb' || role === 'trial';
}

/** Returns the votes by rate, lowest rate first. */
export function countByRate(steps: readonly JudgedStep[], vote: Vote): Count[] {
  const counts: Count[] = [];
  for (const step of steps.filter(isTrial)) {
    const isGood = vote(step);
    if (isGood === undefined) continue;
    let count = counts.find(({ ratePerSecond }) => isSameRate(ratePerSecond, step.level));
    if (count === undefined) {
      count = { ratePerSecond: step.level, good: 0, bad: 0 };
      counts.push(count);
    }
    if (isGood) count.good++;
    else count.bad++;
  }
  return counts.sort((a, b) => a.ratePerSecond - b.ratePerSecond);
}

/** Returns the votes on the rates of a grid, by index. */
export function countByIndex(
  steps: readonly JudgedStep[],
  grid: Grid,
  vote: Vote,
): ReadonlyMap<number, Count> {
  const byIndex = new Map<number, Count>();
  for (const count of countByRate(steps, vote)) {
    const index = indexOf(grid, count.ratePerSecond);
    if (index !== undefined) byIndex.set(index, count);
  }
  return byIndex;
}

/** The highest rate that was sustained and the lowest that was not, by the votes so far. */
export interface Bracket {
  lower: Count | undefined;
  upper: Count | undefined;
}

/**
 * Returns the bracket. Its upper end is the smallest rate with at least `majority` bad votes, or with more bad votes
 * than good and above every rate with more good votes than bad. Its lower end is the highest rate below that with more
 * good votes than bad.
 */
export function findBracket(counts: readonly Count[], majority: number): Bracket {
  const highestGood = Math.max(
    0,
    ...counts.filter(isGood).map(({ ratePerSecond }) => ratePerSecond),
  );
  const upper = counts.find(
    (count) =>
      count.bad >= majority || (count.bad > count.good && count.ratePerSecond > highestGood),
  );
  const limit = upper?.ratePerSecond ?? Number.POSITIVE_INFINITY;
  return { lower: counts.findLast((it) => isGood(it) && it.ratePerSecond < limit), upper };
}

function isGood({ good, bad }: Count): boolean {
  return good > bad;
}
