import type { JudgedStep } from '../outcome.ts';
import { isSameRate } from './grid.ts';

/** A step that says nothing of its rate is tried again so often. */
export const MOST_REPEATS = 2;

/**
 * Whether a step says nothing of its rate: it was held up, or it was not sustained while others took the host's CPU. What was
 * sustained in spite of others counts: without them it would have been sustained as well.
 */
export function isUnsure({ verdict, takenShare }: JudgedStep): boolean {
  return verdict === 'held-up' || (verdict === 'bad' && takenShare !== undefined);
}

/** Steps of the same kind and rate up to the last one that say nothing of it. */
export function countUnsureInARow(steps: readonly JudgedStep[]): number {
  const last = steps.at(-1);
  const since = steps.findLastIndex(
    (step) => !isUnsure(step) || step.role !== last?.role || !isSameRate(step.level, last.level),
  );
  return steps.length - 1 - since;
}

/**
 * The steps as a search goes on by them: of more than `MOST_REPEATS` in a row that say nothing of their rate each counts as not
 * sustained, or the search would try the same rate until its time is over. No answer stands on such steps.
 */
export function settleUnsure(steps: readonly JudgedStep[]): JudgedStep[] {
  const settled = [...steps];
  steps.forEach((_, at) => {
    const count = countUnsureInARow(steps.slice(0, at + 1));
    if (count <= MOST_REPEATS) return;
    for (let back = at - count + 1; back <= at; back++) {
      const step = steps[back];
      if (step !== undefined) settled[back] = countAsBad(step);
    }
  });
  return settled;
}

function countAsBad({ takenShare: _, ...step }: JudgedStep): JudgedStep {
  return { ...step, verdict: 'bad' };
}
