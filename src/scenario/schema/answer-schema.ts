import { z } from 'zod';
import { BUDGETS, parseSmallest, parseToldFigure } from '../answer.ts';

const FIGURE = 'must be a figure such as latency p(99) or capacity value';

const told = z.string({ error: FIGURE }).superRefine((text, context) => {
  if (text === BUDGETS) return;
  const parsed = parseToldFigure(text);
  if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault });
});

const smallest = z
  .string({ error: 'must be a budget such as latency p(99) < 250ms' })
  .superRefine((text, context) => {
    const parsed = parseSmallest(text);
    if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault });
  });

const ratio = z.string({ error: FIGURE }).superRefine((text, context) => {
  const parsed = parseToldFigure(text);
  if ('fault' in parsed) context.addIssue({ code: 'custom', message: parsed.fault });
});

const NOUN_LENGTH = 60;
const MOST_VARIANTS = 16;

const grid = z.strictObject({
  figure: ratio.describe('The figure of each variant, such as latency p(99).'),
  columns: z
    .array(z.string().min(1).max(NOUN_LENGTH))
    .min(2)
    .max(MOST_VARIANTS)
    .describe('A noun for each column, such as none held. The sentence says "with none held".'),
  rows: z
    .record(z.string().min(1).max(NOUN_LENGTH), z.array(z.string()).min(2).max(MOST_VARIANTS))
    .describe(
      'For each row, its noun and its variants in the order of the columns: { 20/s: [r20-h0, r20-h500] }. ' +
        'The sentence says "at 20/s".',
    ),
});

const PAIR = 'must be a list of two variants';

export const answerFields = {
  smallest: smallest
    .exactOptional()
    .describe(
      'A budget, such as latency p(99) < 250ms. The answer is the first variant, in the order of the file, that keeps ' +
        'the budget, if all later variants keep it, too.',
    ),
  ratio: ratio
    .exactOptional()
    .describe(
      'A figure, such as capacity value. The answer is the figure of the first variant in `of`, divided by that of the ' +
        'second one.',
    ),
  of: z
    .array(z.string({ error: PAIR }), { error: PAIR })
    .length(2, { error: PAIR })
    .exactOptional()
    .describe('The two variants of `ratio`.'),
  grid: grid
    .exactOptional()
    .describe(
      'One figure of variants that differ in two things, as a table. The sentence compares the first and the last ' +
        'column of each row.',
    ),
  costOfActs: z
    .string({ error: 'must be the name of a variant' })
    .exactOptional()
    .describe(
      'The name of a variant without acts beside the load. The answer compares every other variant with it, and gives ' +
        'the number of connects that each act costs: the loss of connects per second, divided by the acts per ' +
        'second. It needs closed loops.',
    ),
  tell: z
    .union([told, z.array(told).min(1).max(8)], {
      error: 'must be a figure such as latency p(99), a list of figures, or budgets',
    })
    .exactOptional()
    .describe(
      'A figure, or a list of figures, that the answer gives for the run or for each variant. A figure is written as in ' +
        'a budget, without the limit. `budgets` says which budgets passed.',
    ),
  names: z
    .record(z.string(), z.string().min(1).max(60))
    .exactOptional()
    .describe(
      'A noun for each variant in the answer: { w5: a window of 5 s }. The sentence ' +
        'says "with a window of 5 s". Default: the name of the variant.',
    ),
};

export const answerSchema = z
  .strictObject(answerFields)
  .exactOptional()
  .describe(
    'The question that the scenario asks. The report then begins with the answer as a sentence. Set one of smallest, ' +
      'ratio (with of), grid and costOfActs, or tell, or both.',
  );
