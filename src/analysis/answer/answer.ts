import { formatCounted } from '../../counted.ts';
import type { Answer, AnswerTable } from '../../result/records/answer.ts';
import { describeCut } from '../budgets.ts';
import { type Asked, nameOf } from './asked.ts';
import { answerCostOfActs } from './cost-of-acts.ts';
import { answerGrid } from './grid.ts';
import { answerRatio } from './ratio.ts';
import { answerSmallest } from './smallest.ts';
import { answerTell } from './tell.ts';

type Main = ReturnType<
  typeof answerSmallest | typeof answerRatio | typeof answerGrid | typeof answerCostOfActs
>;

/**
 * Returns the answer to what a scenario asks, as a sentence and as figures. Without enough rounds or repeated trials the
 * sentence says that it is about this run only.
 */
export function answerRun(asked: Asked): Answer {
  const { tell = [] } = asked.spec;
  const main = listMain(asked);
  const told = tell.map((text) => answerTell(text, asked));
  const parts = [...main, ...told];
  const isRepeated = parts.every(({ clause }) => clause.isRepeated);
  const values = parts.flatMap((part) => part.values);
  const { sentence, table } = cutSentence(main, told, asked);
  return {
    text: `${isRepeated ? '' : 'in this run, '}${sentence}${describeEarlyEnd(asked)}`,
    holds: isRepeated ? 'rounds' : 'in-this-run',
    ...pickMain(main[0]),
    ...(table.length === 0 ? {} : { table }),
    values: values.filter(
      ({ figure, variant }, index) =>
        values.findIndex((it) => it.figure === figure && it.variant === variant) === index,
    ),
  };
}

/** Characters. People read a longer sentence twice. */
const LONGEST_SENTENCE = 400;

/**
 * Returns the clauses as one sentence. If it would be long, it has the first ones only, and the figures of the variants
 * become a table.
 */
function cutSentence(
  main: readonly Main[],
  told: readonly Told[],
  { spec }: Asked,
): { sentence: string; table: AnswerTable[] } {
  const join = (parts: readonly (Main | Told)[]): string =>
    parts.map(({ clause }) => clause.text).join('; ');
  const parts = [...main, ...told];
  const table = told.flatMap((part) => tabulate(part, spec));
  const fits = (count: number): boolean =>
    join(parts.slice(0, count)).length <= LONGEST_SENTENCE || count <= 1;
  const kept = parts.findLastIndex((_, index) => fits(index + 1)) + 1;
  const left = parts.length - kept;
  if (left === 0 || table.length === 0) return { sentence: join(parts), table: [] };
  const rest = `the table of the answer has ${formatCounted(left, 'more figure')}`;
  return { sentence: `${join(parts.slice(0, kept))}; ${rest}`, table };
}

type Told = ReturnType<typeof answerTell>;

/** Returns the figure of each variant, for a table; an empty list for what is no figure of variants. */
function tabulate({ words, values }: Told, spec: Asked['spec']): AnswerTable[] {
  const rows = values.flatMap((value) =>
    value.variant === undefined || value.absent === true
      ? []
      : [{ name: nameOf(spec, value.variant), value }],
  );
  return words === undefined || rows.length === 0 ? [] : [{ figure: words, rows }];
}

function listMain(asked: Asked): Main[] {
  const { smallest, ratio, of, grid, costOfActs } = asked.spec;
  if (smallest !== undefined) return [answerSmallest(smallest, asked)];
  if (grid !== undefined) return [answerGrid(grid, asked)];
  if (costOfActs !== undefined) return [answerCostOfActs(costOfActs, asked)];
  return ratio === undefined || of === undefined ? [] : [answerRatio(ratio, of, asked)];
}

/** Returns the part of an answer that is more than a list of figures. */
function pickMain(
  main: Main | undefined,
): Pick<Answer, 'smallest' | 'ratio' | 'grid' | 'costOfActs'> {
  if (main === undefined) return {};
  if ('grid' in main) return { grid: main.grid };
  if ('costOfActs' in main) return { costOfActs: main.costOfActs };
  return 'smallest' in main ? { smallest: main.smallest } : { ratio: main.ratio };
}

/** Returns what ended a variant early; an empty text if no variant ended early. */
function describeEarlyEnd({ runs }: Asked): string {
  const cuts = new Set(runs.flatMap(({ summary }) => describeCut(summary) ?? []));
  const [cut] = cuts;
  return cut === undefined ? '' : `; ${cut}`;
}
