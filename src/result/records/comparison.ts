/** What a comparison says: of one figure, of two variants or of two results. */

import type { Figure } from '../../scenario/figure.ts';

/** `descriptive`: not judged, as it is not the primary figure, or for the reason that is given. */
export type ComparisonVerdict = 'faster' | 'slower' | 'equivalent' | 'inconclusive' | 'descriptive';

/** On how many rounds of a side a figure rests. */
export interface RoundsUsed {
  counted: number;
  planned: number;
  /** Those that were begun and do not count, by what was wrong with them; absent: all that were begun count. */
  leftOut?: LeftOut[];
}

/** Rounds that a comparison leaves out for one reason. */
export interface LeftOut {
  /** The code of the reason that made them invalid, or `CUT_SHORT`. */
  code: string;
  /** Their numbers. */
  rounds: number[];
  /**
   * Which rounds these are may depend on the times that are compared. So each stands in the figures as a value that may be anything.
   * Absent: it does not depend on them, and the figures are those of the other rounds.
   */
  unknown?: true;
}

export interface Comparison extends Figure {
  /** What is compared. */
  a: string;
  /** The baseline. */
  b: string;
  /** The one that was to be judged, declared before anything was measured. */
  primary: boolean;
  /** Of `a` against `b`. */
  verdict: ComparisonVerdict;
  /** How many times as long `a` takes (Hodges-Lehmann over rounds); null where nothing bounds it. */
  ratio: number | null;
  /** The ratio is only a bound, since values of one side are; absent: it is exact. */
  ratioIs?: 'at-least' | 'at-most';
  /** Where it is bounded on both sides: from and to. `ratio` is the one of the two that claims less. */
  ratioRange?: [from: number, to: number];
  /** The exact 95 % interval of the ratio; null: open on that side, or no interval from so few rounds. */
  low: number | null;
  high: number | null;
  /** Rounds that count, of the side that has fewer. */
  n: number;
  /** On which rounds of each side it rests. */
  aRounds: RoundsUsed;
  bRounds: RoundsUsed;
  /** The median of the rounds of each; `atLeast`: of which side it is a lower bound. */
  aUs: number | null;
  bUs: number | null;
  atLeast?: ('a' | 'b')[];
  /** Where it is bounded on both sides: from and to; `aUs` and `bUs` are one of the two. */
  aRangeUs?: [from: number, to: number];
  bRangeUs?: [from: number, to: number];
  /** Of which side it holds lateness of connstorm's own that may be a part of it; the interval allows for none and for all of it. */
  late?: ('a' | 'b')[];
  /** Of all attempts of each, started or dropped, the share that has a value; null without any. */
  aShare: number | null;
  bShare: number | null;
  /** Ratios from here to there are no difference that matters; null without a baseline. */
  margin: { low: number; high: number } | null;
  /** Why there is no verdict although it is the primary figure; or what the verdict has to be read with (`forced`). */
  reasons?: string[];
  /** It was judged although there are reasons not to. */
  forced?: true;
}
