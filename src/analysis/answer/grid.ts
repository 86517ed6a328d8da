import type { Answer, AnswerValue } from '../../result/records/answer.ts';
import { type GridSpec, parseToldFigure, sayBudgetFigure } from '../../scenario/answer.ts';
import { renderBudgetFigure } from '../../scenario/budget.ts';
import { type Asked, type Clause, isRepeated, readValue, refuseUnknown } from './asked.ts';
import { joinAnd, renderValue } from './value-text.ts';

type Found = Required<Pick<Answer, 'grid' | 'values'>> & { clause: Clause };

/** Answers what a figure is in each cell of a grid. The sentence has the first and the last column of each row. */
export function answerGrid({ figure: text, columns, rows }: GridSpec, { runs }: Asked): Found {
  const figure = parseToldFigure(text);
  if ('fault' in figure) {
    return { clause: refuseUnknown(text), grid: { figure: text, columns, rows: [] }, values: [] };
  }
  const read = (variant: string): AnswerValue => {
    const run = runs.find(({ name }) => name === variant);
    if (run !== undefined) return readValue(figure, run);
    const told = { figure: renderBudgetFigure(figure), unit: figure.unit, variant };
    return { ...told, low: null, high: null, reason: 'it was not run' };
  };
  const filled = Object.entries(rows).map(([name, variants]) => ({
    name,
    cells: variants.map(read),
  }));
  const ends = filled.map(({ name, cells }) => ({
    name,
    cells: [cells[0], cells.at(-1)] as const,
  }));
  const shown = ends.map(
    ({ name, cells: [first, last] }) => `${renderEnd(first)} and ${renderEnd(last)} at ${name}`,
  );
  const [from, to] = [columns[0] ?? '', columns.at(-1) ?? ''];
  const sentence = `${sayBudgetFigure(figure)} with ${from} and with ${to} is ${joinAnd(shown)}`;
  return {
    clause: { text: sentence, isRepeated: isRepeated(figure, runs) },
    grid: { figure: text, columns, rows: filled },
    values: ends.flatMap(({ cells }) => cells.flatMap((cell) => cell ?? [])),
  };
}

function renderEnd(value: AnswerValue | undefined): string {
  return value === undefined ? 'not known' : renderValue(value);
}
