/** The terms of a search, shared by the code that plans, runs, records and judges one. */

/**
 * The kinds of steps: a short closed loop that finds the first rate (`taste`), a low rate to compare with (`baseline`),
 * growing rates (`climb`), repeated trials between the last sustained and the first failed rate (`trial`), and the
 * confirmation below the capacity found (`hold`). Between them a `control`, the same closed loop each time, shows
 * whether the target itself has changed.
 */
export type StepRole = 'taste' | 'baseline' | 'climb' | 'trial' | 'hold' | 'control';

/** The settings of a search. Times are integer microseconds. */
export interface SearchSettings {
  /** Absent: the taste finds it. */
  startRatePerSecond?: number;
  /** Factor from step to step. */
  growth: number;
  stepUs: number;
  /** Absent: no limit. */
  maxRatePerSecond?: number;
  /** The width of the interval that is searched for, as a share of its lower end. */
  tolerance: number;
  /** The most trials of each rate around the knee; a majority decides. */
  trials: number;
  /** The highest acceptable p99 of latency; absent: there is no goal. */
  latencyGoalUs?: number;
  maxDurationUs: number;
}
