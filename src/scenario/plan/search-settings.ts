/** A search's words: below all that plans, runs, records and judges one. */

/**
 * The steps of a search: a short closed loop that tells where to begin, a low rate to compare with, rates that grow,
 * repeated trials between the last good and the first bad one, and the confirmation below the capacity found. Between them a
 * control, the same closed loop each time, tells whether the target itself has changed.
 */
export type StepRole = 'taste' | 'baseline' | 'climb' | 'trial' | 'hold' | 'control';

/** How a search goes; times in integer microseconds. */
export interface SearchSettings {
  /** Absent: what the taste gives. */
  startRatePerSecond?: number;
  /** From step to step. */
  growth: number;
  stepUs: number;
  /** Absent: none. */
  maxRatePerSecond?: number;
  /** The width of the interval that is searched for, as a share of its lower end. */
  tolerance: number;
  /** At most so many of each rate around the knee, a majority decides. */
  trials: number;
  /** p99 of latency that is still good; absent: there is no goal. */
  latencyGoalUs?: number;
  maxDurationUs: number;
}
