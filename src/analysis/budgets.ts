import type { BudgetResult, SummaryRecord } from '../result/summary-records.ts';
import {
  type Budget,
  type BudgetFigure,
  isFloor,
  nameBudget,
  parseBudget,
} from '../scenario/budget.ts';
import { countTries, readValue } from './comparison/round-values.ts';

/** A run or one of its variants. */
export interface JudgedRun {
  /** undefined: of a run without variants. */
  name: string | undefined;
  summary: Pick<SummaryRecord, 'validity' | 'accounting' | 'metrics' | 'capacity' | 'sessions'>;
}

/** What was measured: somewhere from `low` (-Infinity: not known) to `high`; null where nothing was. */
type Reading = { low: number; high: number; reason?: string } | null;

/**
 * Judges each budget by each run that it is of. It is kept only where that is known: not by an invalid measurement, not without values,
 * and not by the quantile of those that were served where more than its share was not.
 */
export function judgeBudgets(texts: readonly string[], runs: readonly JudgedRun[]): BudgetResult[] {
  return texts.flatMap((text) => {
    const budget = parseBudget(text);
    // Of a newer version, whose file this one can read but for it.
    if ('fault' in budget) return [unknownBudget(text, budget.fault)];
    const judged = runs.filter(
      ({ name }) => budget.variant === undefined || budget.variant === name,
    );
    if (judged.length === 0) return [unknownBudget(text, 'no such variant was run')];
    return judged.map((run) => judgeBudget(budget, run));
  });
}

function unknownBudget(budget: string, reason: string): BudgetResult {
  return { budget, verdict: 'not-judged', value: null, unit: 'count', reason };
}

function judgeBudget(budget: Budget, { name, summary }: JudgedRun): BudgetResult {
  const { figure } = budget;
  const told = { budget: nameBudget(budget, name), unit: figure.unit };
  if (!summary.validity.valid) {
    return { ...told, verdict: 'not-judged', value: null, reason: 'the measurement is invalid' };
  }
  const reading = read(figure, summary);
  if (reading === null) {
    const reason = explainNothing(figure, summary);
    return { ...told, verdict: 'not-judged', value: null, reason };
  }
  const { low, high } = reading;
  const value = low === -Infinity ? null : low;
  const isBound = value !== null && high === Infinity;
  const measured = { ...told, value, ...(isBound ? { atLeast: true as const } : {}) };
  if (keeps(budget, low) && keeps(budget, high)) return { ...measured, verdict: 'pass' };
  if (!keeps(budget, low) && !keeps(budget, high)) return { ...measured, verdict: 'fail' };
  return {
    ...measured,
    verdict: 'not-judged',
    reason: reading.reason ?? 'it is not known well enough',
  };
}

function keeps({ figure, bound, includesBound }: Budget, value: number): boolean {
  if (value === bound) return includesBound;
  return isFloor(figure) ? value > bound : value < bound;
}

function read(figure: BudgetFigure, summary: JudgedRun['summary']): Reading {
  const { accounting, sessions } = summary;
  if (figure.unit === 'us') return readDuration(figure, summary);
  if (figure.metric === 'capacity') return readCapacity(summary);
  if (figure.metric === 'goodput') return toReading(sessions?.goodput?.share);
  const count = accounting[figure.metric];
  const of = figure.metric === 'failed' ? accounting.started : accounting.due;
  if (of === 0) return null;
  return toReading(figure.unit === 'count' ? count : count / of);
}

function toReading(value: number | undefined): Reading {
  return value === undefined ? null : { low: value, high: value };
}

/** Attempts without a value rank behind all that have one. */
function readDuration(
  figure: Extract<BudgetFigure, { unit: 'us' }>,
  summary: JudgedRun['summary'],
): Reading {
  const count = summary.metrics[figure.metric]?.count ?? 0;
  if (count === 0) return null;
  const tries = countTries(summary, figure.metric);
  const reason = `${tries - count} of ${tries} have no value and rank behind all others`;
  return { ...readValue(summary, figure), reason };
}

/** A rate that was sustained is no more than the capacity, one that was not is no less. */
function readCapacity({ capacity }: JudgedRun['summary']): Reading {
  if (capacity === null) return null;
  const { kind, lowerPerSecond, upperPerSecond, confirmed, reason } = capacity;
  if (lowerPerSecond === null && upperPerSecond === null) return null;
  const isBounded = kind === 'found' || kind === 'wall';
  const high = (isBounded ? upperPerSecond : null) ?? Infinity;
  if (confirmed === false) {
    return { low: -Infinity, high, reason: 'what was found was not held at the end' };
  }
  return { low: lowerPerSecond ?? -Infinity, high, reason };
}

function explainNothing({ metric }: BudgetFigure, { metrics }: JudgedRun['summary']): string {
  const isClosed = metric === 'latency' && metrics.serviceTime !== undefined;
  return isClosed
    ? 'a closed loop has no schedule to count latency from: use serviceTime'
    : 'nothing was measured';
}
