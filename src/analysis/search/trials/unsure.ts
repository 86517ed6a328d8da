import type { JudgedStep } from '../outcome.ts';
import { isSameRate } from './grid.ts';

/** Number of times that a step that does not count is tried again. */
export const MOST_REPEATS = 2;

/**
 * Returns whether a step shows nothing about its rate: it was held up, or it was not sustained while others took the
 * host's CPU. A step that was sustained in spite of others counts, because without them it would have been sustained,
 * too.
 */
export function isUnsure({ verdict, takenShare }: JudgedStep): boolean {
  return verdict === 'held-up' || (verdict === 'bad' && takenShare !== undefined);
}

/** Returns the number of steps up to the last one, of the same role and rate, that show nothing about it. */
export function countUnsureInARow(steps: readonly JudgedStep[]): number {
  const last = steps.at(-1);
  const since = steps.findLastIndex(
    (step) => !isUnsure(step) || step.role !== last?.role || !isSameRate(step.level, last.level),
  );
  return steps.length - 1 - since;
}

/**
 * Returns the steps as the search proceeds by them. If more than `MOST_REPEATS` in a row show nothing about their rate,
 * each counts as not sustained. Otherwise the search would try the same rate until its time is over. No answer rests on
 * such steps.
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
