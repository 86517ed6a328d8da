import type { MetricSummary } from './summary-figures.ts';

/** Early end of a search. Times are microseconds since the T0 of its run or leg. */
export interface CutShort {
  /** `target`: the target stopped serving. `interrupted`: the file ends there. The others: what ended the run. */
  by: 'target' | 'signal' | 'condition' | 'event' | 'error' | 'interrupted';
  atUs: number;
  /** One line of text. */
  reason: string;
}

/**
 * Answer of a search. It is an interval, or there is none. Its rates were measured, except with `upperUntried`. Those of an
 * unstable answer are moved outwards by half of the tolerance.
 */
export interface CapacityAnswer {
  /**
   * `found`: the answer lies between the two rates. `not-reached`: nothing gave out up to the lower one. `wall`:
   * between the two, connects were refused because no slot was free. `invalid`: connstorm itself gave out first, above
   * the lower one. `unstable`: the target changed meanwhile, or too few trials agreed. The two rates are then bounds
   * that agree with all that was measured.
   */
  kind: 'found' | 'not-reached' | 'wall' | 'invalid' | 'unstable';
  /** Highest rate that was sustained; null: none was. */
  lowerPerSecond: number | null;
  /** Lowest rate that was not sustained; null: there is none. */
  upperPerSecond: number | null;
  /** One line: what ended the search there, or why the answer is unstable. */
  reason: string;
  /** Only of an unstable answer: the lowest rate that was achieved for a short time, if it is below the lower rate. */
  leastPerSecond?: number;
  /**
   * Only of an unstable answer: no rate as high as the upper one was tried. It is what the target might reach with the
   * CPU that others took. Absent: one was tried.
   */
  upperUntried?: true;
}

export interface Capacity extends CapacityAnswer {
  /** Highest rate at which the p99 of latency kept the goal, too; absent without a goal. */
  underGoal?: CapacityAnswer & { goalUs: number };
  /** Whether 0.9 of the lower rate was sustained at the end; null: not tried. */
  confirmed: boolean | null;
  /** Lowest and highest rate of the same closed loop, connects per second; absent: it was not repeated. */
  changed?: { lowPerSecond: number; highPerSecond: number };
  /**
   * Steps in which others took CPU that the target needed, the number of all steps, and the largest share that was
   * taken; absent: none was seen.
   */
  disturbed?: { steps: number; of: number; mostShare: number };
  /**
   * Absent: the search came to its own end. The answer rests on what was found before, not on what ended the search.
   */
  cutShort?: CutShort;
  /**
   * Times in which the target was down or restarting, one for each step that does not count for that reason, in
   * microseconds since T0. `reason`: one line with what showed it. Absent: no such step.
   */
  outages?: { fromUs: number; toUs: number; reason: string }[];
  /**
   * Each rate that was tried, lowest first. Figures are those of the trials that count together; if none counts, of
   * all.
   */
  curve: CurvePoint[];
}

/** One rate of a search, with the figures of its trials. */
export interface CurvePoint {
  offeredPerSecond: number;
  achievedPerSecond: number;
  trials: number;
  /**
   * Among the trials: those that were not sustained (without the `unsure` and `broken` ones), and those in which the
   * fault was connstorm's own.
   */
  bad: number;
  invalid: number;
  /** Trials that say nothing about the rate: held up, or disturbed by others; absent: none. */
  unsure?: number;
  /** Trials in which the target was down for a while or stopped serving, which says nothing about the rate; absent: none. */
  broken?: number;
  /**
   * Trials in which connstorm was late, without the invalid ones. Their counts are right, their latencies are not.
   * Their steps are invalid. Absent: none.
   */
  late?: number;
  /**
   * Latency of the trials in which connstorm was not late. If there are none, `atMost` names the figures that contain
   * connstorm's own time.
   */
  latency: MetricSummary;
  /** null: the end of spawn was not seen. */
  spawnP50Us: number | null;
  /** Attempts in flight, mean and highest; null without samples. */
  inFlightMean: number | null;
  inFlightMost: number | null;
}
