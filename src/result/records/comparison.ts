/** Records of a comparison of one figure, between two variants or two results. */

import type { Figure } from '../../scenario/figure.ts';

/** `descriptive`: not judged, because it is not the primary figure or for the reason that is given. */
export type ComparisonVerdict = 'faster' | 'slower' | 'equivalent' | 'inconclusive' | 'descriptive';

/** Number of rounds of a side that a figure rests on. */
export interface RoundsUsed {
  counted: number;
  planned: number;
  /** Rounds that were begun and do not count, by reason; absent: all rounds that were begun count. */
  leftOut?: LeftOut[];
}

/** Rounds that a comparison leaves out for one reason. */
export interface LeftOut {
  /** Code of the reason that made the rounds invalid, or `CUT_SHORT`. */
  code: string;
  /** Numbers of the rounds, from 1. */
  rounds: number[];
  /**
   * True: which rounds these are may depend on the times that are compared. Each of them then stands in the figures as
   * a value that may be anything. Absent: it does not depend on them, and the figures are those of the other rounds.
   */
  unknown?: true;
}

/**
 * What left an interval without an end: rounds that are left out and may have taken any time, too few attempts that have
 * the figure, or connstorm's lateness, which is as large as the figure. `short-of-cpu`: it was late because it waited for
 * a CPU, so that times from the actual start contain lateness, too.
 */
export type OpenCause = 'left-out' | 'too-few' | 'short-of-cpu' | 'late';

export interface Comparison extends Figure {
  /** Name of the side that is compared. */
  a: string;
  /** Name of the baseline. */
  b: string;
  /** True: this figure was declared before the measurement as the one to judge. */
  primary: boolean;
  /** Verdict on `a` against `b`. */
  verdict: ComparisonVerdict;
  /** Ratio of `a` to `b` (Hodges-Lehmann over rounds); null: nothing bounds it. */
  ratio: number | null;
  /** The ratio is only a bound, because values of one side are bounds; absent: it is exact. */
  ratioIs?: 'at-least' | 'at-most';
  /** Only if the ratio is bounded on both sides: from and to. `ratio` is the one of the two that claims less. */
  ratioRange?: [from: number, to: number];
  /** Exact 95 % interval of the ratio; null: open on that side, or too few rounds for an interval. */
  low: number | null;
  high: number | null;
  /** Only if an end of the interval is open: what left it open. */
  openBy?: OpenCause[];
  /** Number of rounds that count, of the side that has fewer. */
  n: number;
  /** Rounds of each side that the figure rests on. */
  aRounds: RoundsUsed;
  bRounds: RoundsUsed;
  /** Median over the rounds of each side. `atLeast` names the sides whose median is a lower bound. */
  aUs: number | null;
  bUs: number | null;
  atLeast?: ('a' | 'b')[];
  /** Only if a median is bounded on both sides: from and to. `aUs` and `bUs` are then one of the two. */
  aRangeUs?: [from: number, to: number];
  bRangeUs?: [from: number, to: number];
  /** Sides whose values may contain connstorm's own lateness. The interval allows for all of it and for none. */
  late?: ('a' | 'b')[];
  /** Share of all attempts of each side, started or dropped, that have a value; null without attempts. */
  aShare: number | null;
  bShare: number | null;
  /** Ratios between the two are no difference that matters; null without a baseline. */
  margin: { low: number; high: number } | null;
  /** Reasons why the primary figure has no verdict, or (`forced`) the warnings that go with its verdict. */
  reasons?: string[];
  /** True: it was judged although there are reasons against that. */
  forced?: true;
}
