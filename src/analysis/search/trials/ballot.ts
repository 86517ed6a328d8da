import type { JudgedStep } from '../outcome.ts';
import { type Grid, indexOf, isSameRate } from './grid.ts';
import { isUnsure } from './unsure.ts';

/** What a step says of its rate; undefined: nothing. */
export type Vote = (step: JudgedStep) => boolean | undefined;

/**
 * Whether a rate is sustained. Steps that were held up, that others disturbed, that were connstorm's fault, or that the target did
 * not live through, say nothing.
 */
export const votesSustained: Vote = (step) => {
  const { verdict } = step;
  if (verdict === 'invalid' || verdict === 'broken' || isUnsure(step)) return undefined;
  return verdict === 'good';
};

/**
 * Whether it is, with a p99 of latency within the goal. Latencies that connstorm's own lateness made longer can show that the goal was
 * kept, and not that it was missed.
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

/** Steps at a rate of their own count: those of the climb, and the trials. */
export function isTrial({ role }: JudgedStep): boolean {
  return role === 'climb' || role === 'trial';
}

/** The votes by rate, lowest rate first. */
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

/** The votes on the rates of a grid, by index. */
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

/** The highest rate that was sustained and the lowest that was not, as far as votes tell. */
export interface Bracket {
  lower: Count | undefined;
  upper: Count | undefined;
}

/**
 * The smallest rate with a majority of `majority` bad votes wins; without one, the smallest of those above every rate with
 * more good votes than bad. The lower end is the highest rate below it with more good votes than bad.
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
