import type { AnswerValue } from '../../result/records/answer.ts';
import type { Comparison } from '../../result/records/comparison.ts';
import type { BudgetResult } from '../../result/records/summary-records.ts';
import type { AnswerSpec } from '../../scenario/answer.ts';
import { type BudgetFigure, renderBudgetFigure } from '../../scenario/budget.ts';
import { readFigure } from '../budgets.ts';
import type { CapacityRatio } from '../comparison/capacity-ratio.ts';
import { FEWEST_ROUNDS } from '../comparison/counted-rounds.ts';
import type { JudgedRun } from '../readings/reading.ts';

/** What a scenario asks, and what was measured. */
export interface Asked {
  spec: AnswerSpec;
  /** The variants in the file's order; one without a name for a run without variants. */
  runs: readonly JudgedRun[];
  comparison: readonly Comparison[];
  capacities: readonly CapacityRatio[];
  budgets: readonly BudgetResult[];
}

/** Part of an answer's sentence. `isRepeated`: it rests on enough rounds or repeated trials. */
export interface Clause {
  text: string;
  isRepeated: boolean;
}

/** Returns the clause for a question that only a newer version knows. */
export function refuseUnknown(text: string): Clause {
  return { text: `"${text}" is not known to this version`, isRepeated: true };
}

/** Returns the figure of each variant. */
export function listValues(figure: BudgetFigure, runs: Asked['runs']): AnswerValue[] {
  return runs.map((run) => readValue(figure, run));
}

/** Returns the figure of one variant. */
export function readValue(figure: BudgetFigure, run: JudgedRun): AnswerValue {
  const told = {
    figure: renderBudgetFigure(figure),
    unit: figure.unit,
    ...(run.name === undefined ? {} : { variant: run.name }),
  };
  const reading = readFigure(figure, run);
  if ('fault' in reading) {
    const { fault: reason, isInvalid, isAbsent } = reading;
    return {
      ...told,
      low: null,
      high: null,
      reason,
      ...(isInvalid ? { invalid: true } : {}),
      ...(isAbsent ? { absent: true } : {}),
      ...(!isInvalid && lacksPhase(figure, run) ? { none: true } : {}),
    };
  }
  const { low, high, reason, note } = reading;
  const isExact = low === high || reason === undefined;
  return {
    ...told,
    low: low === -Infinity ? null : low,
    high: high === Infinity ? null : high,
    ...(isExact ? {} : { reason }),
    ...(note === undefined ? {} : { note }),
  };
}

/** Phases that a connect may lack: a login without a password has no `auth`, and one without TLS no `tls`. */
const LACKED = ['tls', 'auth'];

/** Returns whether all that were connected lacked the phase of a figure. */
function lacksPhase({ kind, metric }: BudgetFigure, { summary }: JudgedRun): boolean {
  if (kind !== 'quantile' || !LACKED.includes(metric)) return false;
  const { accounting, metrics } = summary;
  return accounting.ok > 0 && accounting.ok === accounting.started && !hasValues(metrics[metric]);
}

function hasValues(summary: { count: number } | undefined): boolean {
  return summary !== undefined && summary.count > 0;
}

/** Returns the noun for a variant. */
export function nameOf({ names = {} }: AnswerSpec, variant: string): string {
  return Object.hasOwn(names, variant) ? (names[variant] ?? variant) : variant;
}

/**
 * Returns whether figures of these runs rest on enough rounds, or, for a capacity, on an answer that the search has
 * confirmed.
 */
export function isRepeated(figure: BudgetFigure, runs: Asked['runs']): boolean {
  if (figure.metric === 'capacity') {
    return runs.every(({ summary: { capacity } }) => capacity?.confirmed === true);
  }
  return runs.every(
    ({ summary: { rounds = [] } }) =>
      rounds.filter(({ stoppedBy }) => stoppedBy === 'end').length >= FEWEST_ROUNDS,
  );
}
