import type { JudgedStep } from '../outcome.ts';
import { isUnsure } from '../trials/unsure.ts';

/**
 * Returns whether 0.9 of the lower end was sustained; null if no step shows it. A step at a lower rate, or in which the
 * target stopped serving, does not.
 */
export function findConfirmation(
  steps: readonly JudgedStep[],
  lower: number | null,
): boolean | null {
  const holds = steps.filter(
    (step) =>
      step.role === 'hold' &&
      step.verdict !== 'invalid' &&
      step.verdict !== 'broken' &&
      !isUnsure(step),
  );
  if (holds.some(({ verdict }) => verdict !== 'good')) {
    return holds.some((step) => step.verdict === 'good' && isEnough(step, lower));
  }
  return holds.some((step) => isEnough(step, lower)) ? true : null;
}

/** Returns whether the held rate is high enough. The last control moves the lower end a little after it was held. */
function isEnough({ level }: JudgedStep, lower: number | null): boolean {
  return level > 0 && level >= SMALLEST_CONFIRMED_SHARE * (lower ?? 0);
}

const SMALLEST_CONFIRMED_SHARE = 0.85;
