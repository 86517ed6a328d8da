import type { Capacity } from '../../../result/records/capacity.ts';
import type { JudgedStep } from '../outcome.ts';
import { listLoops } from '../trials/controls.ts';

/** Returns the lowest and highest rate of the same closed loop, disturbed or not; undefined if it was not repeated. */
export function measureChange(steps: readonly JudgedStep[]): Capacity['changed'] {
  const rates = listLoops(steps).map(({ achievedPerSecond }) => achievedPerSecond);
  if (rates.length < 2) return undefined;
  return { lowPerSecond: Math.min(...rates), highPerSecond: Math.max(...rates) };
}

/**
 * Returns in how many steps others took the host's CPU from the target, and the largest share; undefined if there are
 * none, or the host was not seen.
 */
export function findDisturbance(steps: readonly JudgedStep[]): Capacity['disturbed'] {
  const disturbed = steps.flatMap(({ takenShare }) => takenShare ?? []);
  if (disturbed.length === 0) return undefined;
  return { steps: disturbed.length, of: steps.length, mostShare: Math.max(...disturbed) };
}
