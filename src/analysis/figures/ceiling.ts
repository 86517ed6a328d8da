import type { Ceiling } from '../../result/records/calibration.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import { SUSTAINED_SHARE } from '../sustained.ts';

/**
 * Returns whether a step of a calibration is sustained: it is valid by the rule for all steps, the rate was achieved,
 * and nothing failed.
 */
export function isSustained(step: StepSummary): boolean {
  const { validity, accounting } = step;
  return validity.valid && isServed(step) && accounting.ok === accounting.due;
}

function isServed({ achievedPerSecond, offeredPerSecond }: StepSummary): boolean {
  return achievedPerSecond >= SUSTAINED_SHARE * offeredPerSecond;
}

/**
 * Returns the highest sustained rate of steps with ever higher rates, and the lowest rate above it that was not. Lower
 * rates that were not sustained are ignored, because one hiccup is no ceiling.
 */
export function findCeiling(steps: readonly StepSummary[]): Ceiling {
  const best = steps.findLastIndex(isSustained);
  return {
    sustainedPerSecond: steps[best]?.startRatePerSecond ?? null,
    failedPerSecond: steps[best + 1]?.startRatePerSecond ?? null,
  };
}

/**
 * Returns whether higher rates are not worth trying: two steps in a row achieved too little, or four in a row failed
 * for whatever reason.
 */
export function hasGivenOut(steps: readonly StepSummary[]): boolean {
  const fellShort = steps.length >= 2 && !steps.slice(-2).some(isServed);
  return fellShort || (steps.length >= 4 && !steps.slice(-4).some(isSustained));
}
