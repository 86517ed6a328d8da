import { isDownAgainAndAgain } from './outage.ts';
import type { JudgedStep } from './outcome.ts';
import { isTrial } from './trials/ballot.ts';
import { isSameRate } from './trials/grid.ts';

/**
 * Number of steps in a row by connstorm's own fault after which the step is not tried again. The first one is tried
 * once more.
 */
export const MOST_INVALID = 2;

/**
 * Returns the number of steps up to the last one, of the same role and rate, in which the fault was connstorm's own.
 */
export function countInvalidInARow(steps: readonly JudgedStep[]): number {
  const last = steps.at(-1);
  const since = steps.findLastIndex(
    ({ role, level, verdict }) =>
      verdict !== 'invalid' || role !== last?.role || !isSameRate(level, last.level),
  );
  return steps.length - 1 - since;
}

/**
 * Returns the step in which connstorm gave out before the target: the last one, if it was tried again and failed by
 * connstorm's own fault again. A single such step may be chance. It shows nothing about its rate, and does not change
 * what other steps have shown.
 */
export function findGivenOut(steps: readonly JudgedStep[]): JudgedStep | undefined {
  const last = steps.at(-1);
  // A taste, a baseline, a control or a confirmation does not end the search.
  return last !== undefined && isTrial(last) && countInvalidInARow(steps) >= MOST_INVALID
    ? last
    : undefined;
}

/** Returns what the target did in a step in which it stopped serving, as one line. */
export function describeLoss(step: JudgedStep): string {
  if (step.verdict === 'down') return `again and again, ${step.because}`;
  return step.gone === undefined
    ? `the target stopped accepting connects: ${step.because}`
    : `the target did not recover: ${step.because}`;
}

/**
 * Returns the step in which the target stopped accepting connects for another reason than load, or was down once too
 * often. The search ended with it.
 */
export function findBroken(steps: readonly JudgedStep[]): JudgedStep | undefined {
  const last = steps.at(-1);
  return last?.verdict === 'broken' || isDownAgainAndAgain(steps) ? last : undefined;
}

/**
 * Returns when the target began to fail, in microseconds since T0: in the first of the steps up to `broken` in which it
 * was down.
 */
export function findLossFromUs(steps: readonly JudgedStep[], broken: JudgedStep): number {
  const before = steps.slice(0, steps.indexOf(broken));
  const wellAt = before.findLastIndex(({ verdict }) => verdict !== 'down');
  const { failingFromUs, atUs } = before[wellAt + 1] ?? broken;
  return failingFromUs ?? atUs;
}
