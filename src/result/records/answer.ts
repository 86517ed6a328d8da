/** Answer to what a scenario asks. It is derived from the other records, as the whole summary is. */

import type { FigureUnit } from '../../scenario/named-figure.ts';

export interface Answer {
  /** The answer as a sentence, without a full stop. */
  text: string;
  /**
   * What the sentence holds for. `in-this-run`: the figures are those of this run, and another run may have others.
   * `rounds`: they rest on at least five rounds, or on trials that a search repeated.
   */
  holds: 'in-this-run' | 'rounds';
  /** Only if the scenario asks for the smallest variant. */
  smallest?: {
    budget: string;
    /** First variant from which on all variants keep the budget; null: there is none, or it is not known. */
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
  /** The figures that the sentence rests on. */
  values: AnswerValue[];
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
  /** What else is to be said of it, such as why fewer connections were held than asked for. Absent: nothing. */
  note?: string;
  /** True: it was measured, but the measurement is invalid. Absent: it is not. */
  invalid?: true;
  /** True: the variant has nothing that the figure is about, so sentences leave it out. Absent: it has. */
  absent?: true;
}
