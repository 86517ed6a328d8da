import type { SearchSettings } from '../../../scenario/plan/search-settings.ts';
import type { JudgedStep } from '../outcome.ts';
import { type Bracket, isTrial, votesSustained } from '../trials/ballot.ts';
import { listControls } from '../trials/controls.ts';

/** The ends of an answer, connects a second; null where there is none. */
export interface Ends {
  lowerPerSecond: number | null;
  upperPerSecond: number | null;
}

/** Rates that exceed the highest sustained one, or the upper end, by more than this show what an overloaded target does, which may be less than its capacity. */
export const NEAR_SHARE = 1.15;
/** In standard deviations: about 19 of 20 further trials would lie within. */
const DEVIATIONS = 2;
/** Both ends are wider by this share of the tolerance at least: no answer claims to repeat more closely. */
const SMALLEST_ERROR_SHARE = 0.4;

/**
 * What votes say, made numbers. Steps near saturation measure the capacity by what each achieved, no more than was offered. The lower
 * end is no more than its rate and than their mean: a rate counts as sustained with 97 % achieved, so that it may itself be
 * above the capacity, and where the target stalls now and then, the steps that a stall made bad are part of what it can do.
 * Both ends are wider by what such a step differs from their mean (two standard deviations), and by how much the controls of the whole
 * search differ from theirs.
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
    // What comes out of a backlog from before is not of this rate.
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

/** The mean, and the standard deviation: 0 of a single value. */
function describeSpread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

/** The lowest and the highest control, as shares of their mean; 1 without any. */
function findChange(controls: readonly JudgedStep[]): { low: number; high: number } {
  if (controls.length === 0) return { low: 1, high: 1 };
  const rates = controls.map(({ achievedPerSecond }) => achievedPerSecond);
  const { mean } = describeSpread(rates);
  return { low: Math.min(...rates) / mean, high: Math.max(...rates) / mean };
}
