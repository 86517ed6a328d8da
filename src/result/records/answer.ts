/** Answer to what a scenario asks. It is derived from the other records, as the whole summary is. */

import type { FigureUnit } from '../../scenario/named-figure.ts';

export interface Answer {
  /** The answer as a sentence, without a full stop. */
  text: string;
  /**
   * How far the sentence holds. `in-this-run`: the figures are those of this run, and another run may have others.
   * `rounds`: they rest on at least five rounds, or on trials that a search repeated.
   */
  holds: 'in-this-run' | 'rounds';
  /** Only if the scenario asks for the smallest variant. */
  smallest?: {
    budget: string;
    /** First variant that keeps the budget, as all later ones do; null: there is none, or it is not known. */
    from: string | null;
  };
  /** Only if the scenario asks for a ratio. */
  ratio?: {
    figure: string;
    a: string;
    b: string;
    /** The ratio of `a` to `b` lies between the two; null: not known on that side. */
    low: number | null;
    high: number | null;
    /** Reason why the ratio is not known; absent: at least one end is. */
    reason?: string;
  };
  /** Only if the scenario asks for a grid. */
  grid?: {
    figure: string;
    /** Nouns for the columns. */
    columns: string[];
    rows: {
      /** A noun for the row. */
      name: string;
      /** By column. */
      cells: AnswerValue[];
    }[];
  };
  /** Only if the scenario asks what acts cost: each variant with acts beside its load. */
  costOfActs?: ActCost[];
  /** Only if a sentence with all figures of all variants would be long: these figures. */
  table?: AnswerTable[];
  /** All figures that the scenario asks for. */
  values: AnswerValue[];
}

/** One figure of each variant that has it. */
export interface AnswerTable {
  /** The figure in words. */
  figure: string;
  /** `name`: a noun for the variant. */
  rows: { name: string; value: AnswerValue }[];
}

/**
 * How many connects each act beside a load costs: the loss of connects per second against the variant `without` acts,
 * divided by the acts per second.
 */
export interface ActCost {
  variant: string;
  without: string;
  /** Acts that were done, of all activities of the variant. */
  actsPerSecond: number | null;
  /** Median over all pairs of a round of each variant; null: not known. */
  connects: number | null;
  /** Ends of the 95 % interval. With too few rounds for one: the least and the most of all pairs. */
  low: number | null;
  high: number | null;
  isInterval95: boolean;
  /** Why it is not known; absent: it is. */
  reason?: string;
  /** True: it was measured, but a measurement is invalid. Absent: none is. */
  invalid?: true;
}

/** One figure of the run or of one variant. It lies between `low` and `high`; null: not known on that side. */
export interface AnswerValue {
  figure: string;
  unit: FigureUnit;
  /** Absent: a run without variants. */
  variant?: string;
  low: number | null;
  high: number | null;
  /** Reason why it is not known, or not known exactly; absent: it is. */
  reason?: string;
  /** What a sentence must say beside it, such as why fewer connections were held than asked for. Absent: nothing. */
  note?: string;
  /**
   * True: no connect had this phase. For example, a login without a password has no `auth`. Absent: some connects had
   * it.
   */
  none?: true;
  /** True: it was measured, but the measurement is invalid. Absent: it is not. */
  invalid?: true;
  /** True: the variant has nothing that the figure is about, so sentences leave it out. Absent: it has. */
  absent?: true;
}
