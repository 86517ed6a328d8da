import { findExitReasons } from '../analysis/exit-reasons.ts';
import { escapeControls, renderJson } from '../controls.ts';
import { UsageError } from '../errors.ts';
import { describeEnd, describeInvalidity } from '../report/closing.ts';
import { renderBudgets } from '../report/run/budgets.ts';
import { renderSections } from '../report/terminal.ts';
import { createPaint, outputStyle } from '../report/text/paint.ts';
import { wrapText } from '../report/text/text.ts';
import { liftHeader, nameVariant } from '../result/lift.ts';
import { nameSource } from '../result/read/read.ts';
import type { AnyHeader } from '../result/records/header.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import { parseBudget } from '../scenario/budget.ts';
import { findBudgetProblems } from '../scenario/problems/budget-problems.ts';
import type { Scenario } from '../scenario/schema/schema.ts';
import { writeMessage } from '../wrap-text.ts';
import type { Command, CommandArgs } from './command.ts';
import { switchFlag, textFlag } from './input/flags.ts';
import { openResults } from './input/standard-input.ts';
import { summariseFile } from './input/summarise-file.ts';

/** `connstorm check`: judges a result by its budgets, or by others. */
export const check: Command = {
  usage: 'check <result>',
  summary: 'Judge a result file again, by its own budgets or by others',
  options: (yargs) =>
    yargs
      .positional('result', { type: 'string', describe: 'A result file, or - for standard input.' })
      .option('budget', textFlag('Judge by this budget, not by those in the result. Repeatable.'))
      .option('json', switchFlag('Print the verdicts as a JSON list.')),
  async execute(args, io) {
    const given = readBudgets(args);
    const [source = ''] = await openResults([String(args.result)], io);
    const { summary } = summariseFile(source, (header) => {
      refuseImpossible(given, header);
      return given.length === 0 ? undefined : given;
    });
    const { budgets } = summary;
    if (budgets.length === 0) {
      throw new UsageError(
        'NO_BUDGETS',
        `${nameSource(source)} has no budgets: give one with --budget`,
      );
    }
    if (args.json === true) {
      io.stdout.write(`${renderJson(budgets)}\n`);
      for (const line of describeRun(summary)) writeMessage(io.stderr, line, io.env);
    } else {
      const { columns, colour } = outputStyle(io.stdout, io.env);
      const paint = createPaint(colour);
      const table = renderBudgets(budgets, { columns, paint });
      const lines = describeRun(summary).flatMap((line) => wrapText(line, columns, 2));
      io.stdout.write(renderSections([table, { lines: lines.map(paint.yellow) }], paint));
    }
    return findExitReasons(summary);
  },
};

/** Returns why the exit code is not that of the budgets: what ended the run early, and why its figures cannot be trusted. */
function describeRun(summary: AnySummary): string[] {
  return [...describeEnd(summary), ...describeInvalidity(summary)].map(escapeControls);
}

function readBudgets({ budget }: CommandArgs): string[] {
  const texts = budget === undefined ? [] : [budget].flat().map(String);
  for (const text of texts) {
    const parsed = parseBudget(text);
    if ('fault' in parsed) {
      throw new UsageError('BAD_BUDGET', `--budget "${text.slice(0, 200)}" ${parsed.fault}`);
    }
  }
  return texts;
}

/**
 * Throws UsageError for a budget that the run would have refused: one on a figure that the run cannot have, or that the
 * scenario itself determines.
 */
function refuseImpossible(texts: readonly string[], header: AnyHeader): void {
  const run = liftHeader(header);
  const variants = run.variants.map(({ name, spec }) => ({
    name: nameVariant(run, name),
    scenario: spec as unknown as Scenario,
  }));
  const [problem] = findBudgetProblems(texts, variants);
  if (problem !== undefined) throw new UsageError('BAD_BUDGET', `--budget ${problem.text}`);
}
