import type { SearchSettings } from '../../scenario/plan/search-settings.ts';

/** Clients of the tastes: first few, then enough that a small server has no more to give. */
export const TASTE_CLIENTS = [16, 64] as const;

/** A taste is shorter than a step, because it only finds the first rate. */
const TASTE_SHARE = 0.75;
/** A confirmation is longer than a step. */
const HOLD_SHARE = 2;
/**
 * Time between two steps, in which the target drains and the workers learn of the next step. After bad steps it may
 * take longer.
 */
const BETWEEN_US = 400_000;

export function tasteUs({ stepUs }: SearchSettings): number {
  return Math.round(stepUs * TASTE_SHARE);
}

export function holdUs({ stepUs }: SearchSettings): number {
  return stepUs * HOLD_SHARE;
}

/** A step with fewer arrivals shows little. It is lengthened, up to this length. */
const FEWEST_ARRIVALS = 100;
const LONGEST_LENGTHENED_US = 10_000_000;

/** Returns the length of a step at a rate that is voted on. */
export function votingUs({ stepUs }: SearchSettings, ratePerSecond: number): number {
  const neededUs = Math.ceil((FEWEST_ARRIVALS / ratePerSecond) * 1e6);
  return Math.max(stepUs, Math.min(neededUs, LONGEST_LENGTHENED_US));
}

/** Returns whether a step of that length still fits into the search's time. */
export function fits(
  { maxDurationUs }: SearchSettings,
  elapsedUs: number,
  durationUs: number,
): boolean {
  return elapsedUs + durationUs + BETWEEN_US <= maxDurationUs;
}

/**
 * Rates that are tried until the knee is bracketed, if the first is about 0.6 of the capacity: three that are
 * sustained, and one, tried twice, that is not.
 */
const CLIMBS = 5;
/** Rates that are tried repeatedly around the knee, and controls between them. */
const RATES_TRIED = 3;
const CONTROLS = 3;

/** Returns about how long a search takes whose first rate is about 0.6 of the capacity; at most its maxDuration. */
export function estimateUs(settings: SearchSettings): number {
  const { stepUs, maxDurationUs, startRatePerSecond, trials } = settings;
  const tastes = startRatePerSecond === undefined ? TASTE_CLIENTS.length : 0;
  const steps = 1 + CLIMBS + RATES_TRIED * majorityOf(trials);
  const loops = tastes + CONTROLS;
  const pauses = (loops + steps + 1) * BETWEEN_US;
  const runUs = loops * tasteUs(settings) + steps * stepUs + holdUs(settings) + pauses;
  return Math.min(maxDurationUs, runUs);
}

/** Returns the number of trials that decide on a rate. */
export function majorityOf(trials: number): number {
  return Math.floor(trials / 2) + 1;
}
