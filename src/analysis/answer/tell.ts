import type { AnswerValue } from '../../result/records/answer.ts';
import type { BudgetResult } from '../../result/records/summary-records.ts';
import { BUDGETS, parseToldFigure, sayBudgetFigure } from '../../scenario/answer.ts';
import type { BudgetFigure } from '../../scenario/budget.ts';
import { type Asked, type Clause, isRepeated, listValues, nameOf, refuseUnknown } from './asked.ts';
import { joinAnd, renderOne, renderValue } from './value-text.ts';

/**
 * Answers what one figure of the run or of each variant is, or which budgets passed. `words`: the figure in words;
 * undefined if it is none.
 */
export function answerTell(
  text: string,
  asked: Asked,
): { clause: Clause; values: AnswerValue[]; words?: string } {
  if (text === BUDGETS) return { clause: tellBudgets(asked.budgets), values: [] };
  const figure = parseToldFigure(text);
  if ('fault' in figure) {
    return { clause: refuseUnknown(text), values: [] };
  }
  const { spec } = asked;
  const runs = listHaving(figure, asked.runs);
  const values = listValues(figure, runs);
  const words = sayBudgetFigure(figure);
  return {
    clause: { text: describeValues(words, values, spec), isRepeated: isRepeated(figure, runs) },
    values,
    words,
  };
}

/** Returns the runs that have the activity of a figure; all of them if none has it, or if it is a figure of the load. */
function listHaving(figure: BudgetFigure, runs: Asked['runs']): Asked['runs'] {
  if (figure.kind !== 'background') return runs;
  const having = runs.filter(({ summary: { background = [] } }) =>
    background.some(({ name }) => name === figure.activity),
  );
  return having.length > 0 ? having : runs;
}

function describeValues(
  words: string,
  values: readonly AnswerValue[],
  spec: Asked['spec'],
): string {
  const [only] = values;
  if (only !== undefined && values.length === 1 && only.variant === undefined) {
    const note = only.note === undefined ? '' : ` (${only.note})`;
    return `${words} is ${renderOne(only)}${note}`;
  }
  const there = values.filter(({ absent }) => absent !== true);
  if (there.length === 0) return `${words}: there is none`;
  const parts = there.map(
    (value) => `${renderValue(value)} with ${nameOf(spec, value.variant ?? '')}`,
  );
  return `${words}: ${joinAnd(parts)}${listNotes(there, spec)}`;
}

/** Returns the notes of values, each once, with the variants that have it; an empty text if there is none. */
function listNotes(values: readonly AnswerValue[], spec: Asked['spec']): string {
  const byNote = new Map<string, string[]>();
  for (const { note, variant = '' } of values) {
    if (note !== undefined) byNote.set(note, [...(byNote.get(note) ?? []), nameOf(spec, variant)]);
  }
  const texts = [...byNote].map(([note, nouns]) => `with ${joinAnd(nouns)}: ${note}`);
  return texts.length === 0 ? '' : ` (${texts.join('; ')})`;
}

function tellBudgets(budgets: readonly BudgetResult[]): Clause {
  return { text: describeBudgets(budgets), isRepeated: false };
}

function describeBudgets(budgets: readonly BudgetResult[]): string {
  if (budgets.length === 0) return 'there were no budgets to judge';
  const show = (result: BudgetResult): string =>
    `${result.budget}: ${renderValue(measured(result))}`;
  const [failed, unjudged] = (['fail', 'not-judged'] as const).map((wanted) =>
    budgets.filter(({ verdict }) => verdict === wanted),
  );
  const all = budgets.length;
  if (failed?.length === 0 && unjudged?.length === 0) {
    const which = all === 1 ? 'the budget is met' : `all ${all} budgets are met`;
    return `${which} (${budgets.map(show).join(', ')})`;
  }
  const parts = [
    ...describeSome(failed ?? [], all, 'missed', (failed ?? []).map(show).join(', ')),
    ...describeSome(unjudged ?? [], all, 'not judged', unjudged?.[0]?.reason ?? 'see budgets'),
  ];
  return `budgets: ${joinAnd(parts)}`;
}

function describeSome(
  { length }: readonly BudgetResult[],
  all: number,
  said: string,
  why: string,
): string[] {
  return length === 0 ? [] : [`${length} of ${all} ${said} (${why})`];
}

function measured({ budget, unit, low, high }: BudgetResult): AnswerValue {
  return { figure: budget, unit, low, high };
}
