import { sayBackground } from './background-figure.ts';
import { type Budget, type BudgetFigure, parseBudget, parseBudgetFigure } from './budget.ts';
import { sayFigure } from './figure.ts';
import { describeNamed } from './named-figure.ts';

/**
 * The question of a scenario. A report begins with the sentence that answers it. It has one of `smallest`, `ratio` with
 * `of`, `grid` and `costOfActs`, or `tell`, or both.
 */
export interface AnswerSpec {
  /** A budget without a variant. Which is the first variant that keeps it, if all later ones keep it, too? */
  smallest?: string;
  /** A figure: how many times that of the second variant of `of` is that of the first? */
  ratio?: string;
  of?: [string, string];
  grid?: GridSpec;
  /**
   * The variant without acts beside the load: how many connects does each act of the others cost, compared with it?
   */
  costOfActs?: string;
  /** Figures of the run or of each variant, or `budgets`. */
  tell?: string[];
  /** Nouns for variants, by their names: `a window of 5 s`. Sentences say `with a window of 5 s`. */
  names?: Record<string, string>;
}

/** One figure of variants that differ in two things. */
export interface GridSpec {
  figure: string;
  /** Nouns for the columns. Sentences say `with none held`. */
  columns: string[];
  /** The variants of each row, in the order of the columns, by a noun. Sentences say `at 20/s`. */
  rows: Record<string, string[]>;
}

/** An entry of `tell` that is no figure: which budgets passed. */
export const BUDGETS = 'budgets';

/** Returns the budget that `smallest` stands for, or what is wrong with its text. */
export function parseSmallest(text: string): Budget | { fault: string } {
  const budget = parseBudget(text);
  if ('fault' in budget || budget.variant === undefined) return budget;
  return { fault: 'must have no braces, because it is about every variant' };
}

/** Returns the figure of `ratio` or `tell`, or what is wrong with its name. */
export function parseToldFigure(text: string): BudgetFigure | { fault: string } {
  const figure = parseBudgetFigure(text);
  if (!('fault' in figure)) return figure;
  return { fault: `must be a figure such as latency p(99) or capacity value: it ${figure.fault}` };
}

/** Returns a figure's words for a sentence: `p99 of latency`, `goodput`. */
export function sayBudgetFigure(figure: BudgetFigure): string {
  if (figure.kind === 'background') return sayBackground(figure);
  return figure.kind === 'named' ? describeNamed(figure.name).words : sayFigure(figure);
}
