import type { Ceiling } from '../../result/records/calibration.ts';
import type { StepSummary } from '../../result/records/summary-figures.ts';
import { SUSTAINED_SHARE } from '../sustained.ts';

/** The rule that every step is judged by, that the rate was there, and that nothing failed. */
export function isSustained(step: StepSummary): boolean {
  const { validity, accounting } = step;
  return validity.valid && isServed(step) && accounting.ok === accounting.due;
}

function isServed({ achievedPerSecond, offeredPerSecond }: StepSummary): boolean {
  return achievedPerSecond >= SUSTAINED_SHARE * offeredPerSecond;
}

/**
 * Of steps of ever higher rates: the highest that was sustained, whatever became of lower ones (one hiccup is no ceiling),
 * and the lowest above it that was not.
 */
export function findCeiling(steps: readonly StepSummary[]): Ceiling {
  const best = steps.findLastIndex(isSustained);
  return {
    sustainedPerSecond: steps[best]?.startRatePerSecond ?? null,
    failedPerSecond: steps[best + 1]?.startRatePerSecond ?? null,
  };
}

/** Whether higher rates are not worth trying: two in a row fell short of what was offered, or four failed however they did. */
export function hasGivenOut(steps: readonly StepSummary[]): boolean {
  const fellShort = steps.length >= 2 && !steps.slice(-2).some(isServed);
  return fellShort || (steps.length >= 4 && !steps.slice(-4).some(isSustained));
}
