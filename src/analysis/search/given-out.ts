import type { JudgedStep } from './outcome.ts';
import { isTrial } from './trials/ballot.ts';
import { isSameRate } from './trials/grid.ts';

/** A step that was connstorm's own fault is tried once more. */
export const MOST_INVALID = 2;

/** Steps of the same kind and rate up to the last one, each connstorm's own fault. */
export function countInvalidInARow(steps: readonly JudgedStep[]): number {
  const last = steps.at(-1);
  const since = steps.findLastIndex(
    ({ role, level, verdict }) =>
      verdict !== 'invalid' || role !== last?.role || !isSameRate(level, last.level),
  );
  return steps.length - 1 - since;
}

/**
 * The step in which connstorm gave out before the target did: the last, where it was tried again and was connstorm's own fault again.
 * One alone is somebody else's moment, which says nothing of its rate and takes nothing from what other steps have shown.
 */
export function findGivenOut(steps: readonly JudgedStep[]): JudgedStep | undefined {
  const last = steps.at(-1);
  // Where it begins, what it is compared with, and what confirms it are worth less than to end for.
  return last !== undefined && isTrial(last) && countInvalidInARow(steps) >= MOST_INVALID
    ? last
    : undefined;
}

/** What the target did in a step that it did not live through, in a line. */
export function describeLoss(step: JudgedStep): string {
  return step.gone === undefined
    ? `the target stopped accepting connects: ${step.because}`
    : `the target did not recover: ${step.because}`;
}

/** The step in which the target stopped taking connects, for another reason than load: the search ended with it. */
export function findBroken(steps: readonly JudgedStep[]): JudgedStep | undefined {
  const last = steps.at(-1);
  return last?.verdict === 'broken' ? last : undefined;
}
