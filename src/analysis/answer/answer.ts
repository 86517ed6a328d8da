import type { Answer } from '../../result/records/answer.ts';
import { describeCut } from '../budgets.ts';
import type { Asked } from './asked.ts';
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
  const parts = [...main, ...tell.map((text) => answerTell(text, asked))];
  const isRepeated = parts.every(({ clause }) => clause.isRepeated);
  const text = parts.map(({ clause }) => clause.text).join('; ');
  const values = parts.flatMap((part) => part.values);
  return {
    text: `${isRepeated ? '' : 'in this run, '}${text}${describeEarlyEnd(asked)}`,
    holds: isRepeated ? 'rounds' : 'in-this-run',
    ...pickMain(main[0]),
    values: values.filter(
      ({ figure, variant }, index) =>
        values.findIndex((it) => it.figure === figure && it.variant === variant) === index,
    ),
  };
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
