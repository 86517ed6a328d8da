import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import type { JudgedStep } from '../outcome.ts';
import { type Bracket, isTrial, votesSustained } from '../trials/ballot.ts';
import { listControls } from '../trials/controls.ts';

/** The ends of an answer, connects per second; null: there is none. */
export interface Ends {
  lowerPerSecond: number | null;
  upperPerSecond: number | null;
}

/**
 * Rates that exceed the highest sustained one, or the upper end, by more than this factor show an overloaded target,
 * which may do less than its capacity.
 */
export const NEAR_SHARE = 1.15;
/** In standard deviations: about 19 of 20 further trials would lie within. */
const DEVIATIONS = 2;
/** Both ends move outwards by at least this share of the tolerance. No answer claims to be repeatable more exactly. */
const SMALLEST_ERROR_SHARE = 0.4;

/**
 * Returns the ends of the interval as rates. Each step near saturation measures the capacity by what it achieved, at
 * most what was offered. The lower end is at most its rate and at most the mean of those steps. A rate counts as
 * sustained with 97 % achieved, so it may itself be above the capacity; and if the target stalls now and then, the
 * steps that a stall made bad are part of what it can do. Both ends are moved outwards by two standard deviations of
 * such a step, and by how much the controls of the whole search differ from their mean.
 */
export function findEnds(
  { lower, upper }: Bracket,
  steps: readonly JudgedStep[],
  { tolerance }: Pick<SearchSettings, 'tolerance'>,
): Ends {
  const from = lower?.ratePerSecond ?? 0;
  const to = (upper?.ratePerSecond ?? lower?.ratePerSecond ?? 0) * NEAR_SHARE;
  const achieved = steps.filter(isTrial).flatMap((step) => {
    const isNear = step.level >= from * (1 - 1e-6) && step.level <= to;
    // Connects from an earlier backlog do not belong to this rate.
    return isNear && votesSustained(step) !== undefined
      ? [Math.min(step.level, step.achievedPerSecond)]
      : [];
  });
  const { mean, deviation } = describeSpread(achieved);
  const error = Math.max(DEVIATIONS * deviation, SMALLEST_ERROR_SHARE * tolerance * mean);
  const { low, high } = findChange(listControls(steps));
  return {
    lowerPerSecond:
      lower === undefined ? null : Math.max(0, Math.min(lower.ratePerSecond, mean) - error) * low,
    upperPerSecond: upper === undefined ? null : (upper.ratePerSecond + error) * high,
  };
}

/** Returns the mean and the standard deviation, which is 0 for a single value. */
function describeSpread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

/** Returns the lowest and the highest control as shares of their mean; 1 without any. */
function findChange(controls: readonly JudgedStep[]): { low: number; high: number } {
  if (controls.length === 0) return { low: 1, high: 1 };
  const rates = controls.map(({ achievedPerSecond }) => achievedPerSecond);
  const { mean } = describeSpread(rates);
  return { low: Math.min(...rates) / mean, high: Math.max(...rates) / mean };
}
