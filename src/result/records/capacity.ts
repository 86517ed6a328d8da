import type { MetricSummary } from './summary-figures.ts';

/** What ended a search before its own end, and when, in microseconds since the T0 of its run or leg. */
export interface CutShort {
  /** `target`: it stopped serving. Else what ended the run; `interrupted`: its file ends there. */
  by: 'target' | 'signal' | 'condition' | 'error' | 'interrupted';
  atUs: number;
  /** In a line. */
  reason: string;
}

/** What a search found. An answer is an interval, or none; never a number where none was earned. */
export interface CapacityAnswer {
  /**
   * `found`: between the two rates. `not-reached`: nothing gave out up to the lower one. `wall`: refused for want of slots
   * between the two. `invalid`: connstorm gave out first, above the lower one. `unstable`: the target changed meanwhile, or too few
   * trials agreed, and the two are bounds that hold through all that was seen.
   */
  kind: 'found' | 'not-reached' | 'wall' | 'invalid' | 'unstable';
  /** The highest rate that was sustained; null where none was. */
  lowerPerSecond: number | null;
  /** The lowest that was not; null where there is none. */
  upperPerSecond: number | null;
  /** What ended the search there, or why it is unstable, in a line. */
  reason: string;
  /** Of an unstable answer: what was achieved at the least, for a short time, where that is below the lower rate. */
  leastPerSecond?: number;
}

export interface Capacity extends CapacityAnswer {
  /** The highest rate whose p99 of latency kept the goal as well; absent without a goal. */
  underGoal?: CapacityAnswer & { goalUs: number };
  /** Whether 0.9 of the lower rate was held at the end; null where that was not tried. */
  confirmed: boolean | null;
  /** What the same closed loop got at the least and at the most, connects a second; absent where it was not repeated. */
  changed?: { lowPerSecond: number; highPerSecond: number };
  /** Steps in which others took CPU that the target needed, of how many, and the largest share they took; absent: none seen. */
  disturbed?: { steps: number; of: number; mostShare: number };
  /** Absent: the search came to its own end. What it found until then stands, and says nothing of what ended it. */
  cutShort?: CutShort;
  /** By rate, lowest first: each rate that was tried. Figures are of its trials that count together; of all, where none counts. */
  curve: CurvePoint[];
}

/** One rate of a search. */
export interface CurvePoint {
  offeredPerSecond: number;
  achievedPerSecond: number;
  trials: number;
  /** Of the trials: those that were not sustained (not the `unsure` and `broken` ones), and those that were connstorm's own fault. */
  bad: number;
  invalid: number;
  /** Trials that say nothing of the rate: held up, or disturbed by others; absent: none. */
  unsure?: number;
  /** Trials in which the target stopped serving, which says nothing of the rate; absent: none. */
  broken?: number;
  /**
   * Trials other than the invalid ones that connstorm was late in: their counts are right, their latencies are not. Their steps are
   * invalid. Absent: none.
   */
  late?: number;
  /** Of the trials that connstorm was not late in, where there are any; else `atMost` names the figures that hold its own time. */
  latency: MetricSummary;
  /** null where the end of spawn was not seen. */
  spawnP50Us: number | null;
  /** Connections in flight, mean and most; null without samples. */
  inFlightMean: number | null;
  inFlightMost: number | null;
}
