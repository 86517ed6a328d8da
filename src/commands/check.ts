import { type JudgedRun, judgeBudgets } from '../analysis/budgets.ts';
import { findExitReasons } from '../analysis/exit-reasons.ts';
import { UsageError } from '../errors.ts';
import { renderBudgets } from '../report/budgets.ts';
import { createPaint, outputStyle } from '../report/paint.ts';
import { renderSections } from '../report/terminal.ts';
import type { AnyHeader } from '../result/header.ts';
import type { AnySummary } from '../result/summary-records.ts';
import { parseBudget } from '../scenario/budget.ts';
import type { Command, CommandArgs } from './command.ts';
import { switchFlag, textFlag } from './flags.ts';
import { summariseFile } from './summarise-file.ts';

/** `connstorm check`: judges a result by its budgets, or by others. */
export const check: Command = {
  usage: 'check <result>',
  summary: 'Judge the budgets of a result file again, or others',
  options: (yargs) =>
    yargs
      .positional('result', { type: 'string', describe: 'A result file (NDJSON)' })
      .option('budget', textFlag("A budget in place of the result's own; repeatable"))
      .option('json', switchFlag('Print the verdicts alone, as a JSON list')),
  async execute(args, io) {
    const path = String(args.result);
    const given = readBudgets(args);
    const { header, summary } = summariseFile(path);
    const texts = given.length > 0 ? given : (header.budgets ?? []);
    if (texts.length === 0) {
      throw new UsageError('NO_BUDGETS', `${path} has no budgets: name one with --budget`);
    }
    refuseUnknownVariants(texts, header);
    const budgets = judgeBudgets(texts, listRuns(summary));
    if (args.json === true) io.stdout.write(`${JSON.stringify(budgets)}\n`);
    else {
      const { columns, colour } = outputStyle(io.stdout, io.env);
      const paint = createPaint(colour);
      io.stdout.write(renderSections([renderBudgets(budgets, { columns, paint })], paint));
    }
    return findExitReasons({ ...summary, budgets });
  },
};

function readBudgets({ budget }: CommandArgs): string[] {
  const texts = budget === undefined ? [] : [budget].flat().map(String);
  for (const text of texts) {
    const parsed = parseBudget(text);
    if ('fault' in parsed) {
      throw new UsageError('BAD_BUDGET', `--budget "${text}" ${parsed.fault}`);
    }
  }
  return texts;
}

function refuseUnknownVariants(texts: readonly string[], header: AnyHeader): void {
  const names = header.version === 2 ? header.variants.map(({ name }) => name) : [];
  for (const text of texts) {
    const budget = parseBudget(text);
    if ('fault' in budget || budget.variant === undefined) continue;
    if (names.includes(budget.variant)) continue;
    const known = names.length === 0 ? 'the run has no variants' : `there are ${names.join(', ')}`;
    throw new UsageError(
      'BAD_BUDGET',
      `budget "${text}" is of a variant that was not run: ${known}`,
    );
  }
}

function listRuns(summary: AnySummary): JudgedRun[] {
  if (summary.metrics !== null) return [{ name: undefined, summary }];
  return Object.entries(summary.variants).map(([name, variant]) => ({ name, summary: variant }));
}
