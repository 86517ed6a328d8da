import { type Bracket, isSameRate, votesSustained } from './ballot.ts';
import type { JudgedStep } from './outcome.ts';

/** Student's t, one-sided 5 %, by degrees of freedom from 1. */
const T = [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812];
/** Of the mean: what steps that happen to agree may be off, and what none can be. */
const SMALLEST_ERROR = 0.006;
const LARGEST_ERROR = 0.05;

/** The ends of an answer, connects a second; null where there is none. */
export interface Ends {
  lowerPerSecond: number | null;
  upperPerSecond: number | null;
}

/**
 * What votes say, made numbers. Steps at both ends are near saturation, and what each achieved, no more than was offered,
 * measures the capacity. The lower end is no more than its rate and than their mean, less the mean's error (one-sided 5 %, by Student's
 * t): a rate counts as sustained with 97 % achieved, so that it may itself be above the capacity, and where the server
 * stalls now and then, the steps that a stall made bad are part of what it can do. The upper end is its rate and that error.
 */
export function findEnds({ lower, upper }: Bracket, steps: readonly JudgedStep[]): Ends {
  const rates = [lower, upper].flatMap((count) => count?.ratePerSecond ?? []);
  const achieved = steps.filter(isVote).flatMap((step) => {
    const isNear = rates.some((rate) => isSameRate(rate, step.level));
    // What comes out of a backlog from before is not of this rate.
    return isNear ? [Math.min(step.level, step.achievedPerSecond)] : [];
  });
  const { mean, error } = estimate(achieved);
  return {
    lowerPerSecond:
      lower === undefined
        ? null
        : Math.min(lower.ratePerSecond, mean) - Math.max(error, SMALLEST_ERROR * mean),
    upperPerSecond: upper === undefined ? null : upper.ratePerSecond + error,
  };
}

function isVote(step: JudgedStep): boolean {
  const { role } = step;
  return votesSustained(step) !== undefined && (role === 'climb' || role === 'trial');
}

/** The mean and its error; none can be told from a single value. */
function estimate(values: readonly number[]): { mean: number; error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const freedom = values.length - 1;
  const t = T[Math.min(freedom, T.length) - 1];
  if (t === undefined) return { mean, error: 0 };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const error = t * Math.sqrt(squares / freedom / values.length);
  return { mean, error: Math.min(error, LARGEST_ERROR * mean) };
}
