import type { SearchSettings } from '../../scenario/plan/search-settings.ts';

/** Clients of the closed loops that tell where to begin: few, then so many that a small server has no more to give. */
export const TASTE_CLIENTS = [16, 64] as const;

/** A taste is shorter than a step: it only tells where to begin. */
const TASTE_SHARE = 0.75;
/** A confirmation is longer. */
const HOLD_SHARE = 2;
/** Between two steps: until the target has drained, and the workers have heard of the next; more after bad ones. */
const BETWEEN_US = 400_000;

export function tasteUs({ stepUs }: SearchSettings): number {
  return Math.round(stepUs * TASTE_SHARE);
}

export function holdUs({ stepUs }: SearchSettings): number {
  return stepUs * HOLD_SHARE;
}

/** With fewer arrivals a step says little: it is lengthened, up to this. */
const FEWEST_ARRIVALS = 100;
const LONGEST_LENGTHENED_US = 10_000_000;

/** The length of a step at a rate that is to be voted on. */
export function votingUs({ stepUs }: SearchSettings, ratePerSecond: number): number {
  const neededUs = Math.ceil((FEWEST_ARRIVALS / ratePerSecond) * 1e6);
  return Math.max(stepUs, Math.min(neededUs, LONGEST_LENGTHENED_US));
}

/** Whether something that long still fits. */
export function fits(
  { maxDurationUs }: SearchSettings,
  elapsedUs: number,
  durationUs: number,
): boolean {
  return elapsedUs + durationUs + BETWEEN_US <= maxDurationUs;
}

/** Rates that are tried until the knee is bracketed, where the first is about 0.6 of the capacity: three that are sustained, and one that is not, twice. */
const CLIMBS = 5;
/** Rates that are tried again and again around the knee, and controls between them. */
const RATES_TRIED = 3;
const CONTROLS = 3;

/** How long a search will about take, where its first rate is about 0.6 of the capacity; never more than its bound. */
export function estimateUs(settings: SearchSettings): number {
  const { stepUs, maxDurationUs, startRatePerSecond, trials } = settings;
  const tastes = startRatePerSecond === undefined ? TASTE_CLIENTS.length : 0;
  const steps = 1 + CLIMBS + RATES_TRIED * majorityOf(trials);
  const loops = tastes + CONTROLS;
  const pauses = (loops + steps + 1) * BETWEEN_US;
  const runUs = loops * tasteUs(settings) + steps * stepUs + holdUs(settings) + pauses;
  return Math.min(maxDurationUs, runUs);
}

/** Of so many trials: as many as decide. */
export function majorityOf(trials: number): number {
  return Math.floor(trials / 2) + 1;
}
