import type { Answer } from '../../result/records/answer.ts';
import { parseSmallest, sayBudgetFigure } from '../../scenario/answer.ts';
import { type Budget, isFloor } from '../../scenario/budget.ts';
import { judgeBudget } from '../budgets.ts';
import { type Asked, type Clause, isRepeated, listValues, nameOf, refuseUnknown } from './asked.ts';
import { renderBound, renderValue } from './value-text.ts';

type Found = Required<Pick<Answer, 'smallest' | 'values'>> & { clause: Clause };

/** Answers which is the first variant that keeps a budget, if all later ones keep it, too. */
export function answerSmallest(text: string, asked: Asked): Found {
  const budget = parseSmallest(text);
  if ('fault' in budget) {
    return { clause: refuseUnknown(text), smallest: { budget: text, from: null }, values: [] };
  }
  const { runs, spec } = asked;
  const verdicts = runs.map((run) => ({
    name: run.name ?? '',
    verdict: judgeBudget(budget, run).verdict,
  }));
  const values = listValues(budget.figure, runs);
  const shown = values
    .map((value) => `${nameOf(spec, value.variant ?? '')}: ${renderValue(value)}`)
    .join(', ');
  const { from, words } = findFirst(verdicts, budget, spec);
  return {
    clause: { text: `${words} (${shown})`, isRepeated: isRepeated(budget.figure, runs) },
    smallest: { budget: text, from },
    values,
  };
}

type Verdicts = readonly { name: string; verdict: 'pass' | 'fail' | 'not-judged' }[];

function findFirst(
  verdicts: Verdicts,
  budget: Budget,
  spec: Asked['spec'],
): { from: string | null; words: string } {
  const figure = sayBudgetFigure(budget.figure);
  const limit = describeLimit(budget);
  const lastBad = verdicts.findLastIndex(({ verdict }) => verdict !== 'pass');
  const first = verdicts[lastBad + 1];
  const bad = verdicts[lastBad];
  if (first === undefined) return { from: null, words: describeNone(verdicts, budget, spec) };
  const noun = nameOf(spec, first.name);
  if (bad === undefined) {
    return { from: first.name, words: `${figure} stays ${limit} even with ${noun}` };
  }
  const where = lastBad + 2 === verdicts.length ? `only with ${noun}` : `from ${noun} on`;
  // If the variant before could not be judged, an earlier one may keep the budget, too.
  if (bad.verdict === 'not-judged') {
    const unsure = `whether it does with ${nameOf(spec, bad.name)} is not known`;
    const surely = lastBad + 2 === verdicts.length ? `with ${noun}` : where;
    return { from: null, words: `${figure} stays ${limit} ${surely}; ${unsure}` };
  }
  return { from: first.name, words: `${figure} stays ${limit} ${where}` };
}

/** Says that the last variants do not keep the budget, or are not known to keep it. */
function describeNone(verdicts: Verdicts, budget: Budget, spec: Asked['spec']): string {
  const figure = sayBudgetFigure(budget.figure);
  const limit = describeLimit(budget);
  const last = verdicts.at(-1);
  const kept = verdicts.filter(({ verdict }) => verdict === 'pass');
  if (last?.verdict === 'not-judged') {
    const noun = nameOf(spec, last.name);
    return `it is not known from which variant on ${figure} stays ${limit}: it could not be judged with ${noun}`;
  }
  if (kept.length > 0) {
    const nouns = kept.map(({ name }) => nameOf(spec, name)).join(', ');
    return `${figure} is ${limit} with ${nouns}, but does not stay so`;
  }
  return `${figure} stays ${limit} with none of them`;
}

function describeLimit({ figure, bound, includesBound }: Budget): string {
  const side = isFloor(figure) ? 'above' : 'below';
  return `${includesBound ? `at or ${side}` : side} ${renderBound(figure.unit, bound)}`;
}
