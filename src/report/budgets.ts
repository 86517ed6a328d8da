import type { BudgetResult } from '../result/summary-records.ts';
import type { BudgetUnit } from '../scenario/budget.ts';
import { formatCount, formatDuration, formatRate, formatShareCell } from './format.ts';
import type { Paint } from './paint.ts';
import type { Section } from './section.ts';
import { measureTable } from './table-width.ts';
import { escapeControls, wrapText } from './text.ts';

const FORMATS: Record<BudgetUnit, (value: number) => string> = {
  us: formatDuration,
  share: formatShareCell,
  count: formatCount,
  perSecond: formatRate,
};

const VERDICTS = {
  pass: { text: 'kept', colour: 'green' },
  fail: { text: 'broken', colour: 'red' },
  'not-judged': { text: 'not judged', colour: 'yellow' },
} as const;

/** Each budget, what was measured, and whether it was kept; the reason of what was not judged in lines of its own. */
export function renderBudgets(
  budgets: readonly BudgetResult[],
  { columns, paint }: { columns: number; paint: Paint },
): Section {
  if (budgets.length === 0) return { lines: [] };
  const notes = budgets.flatMap(({ budget, reason }) =>
    reason === undefined ? [] : wrapText(escapeControls(`${budget}: ${reason}`), columns, 2),
  );
  const head = ['budgets', 'measured', 'verdict'];
  const told = budgets.map((result) => {
    const { text, colour } = VERDICTS[result.verdict];
    return { name: escapeControls(result.budget), value: describeValue(result), text, colour };
  });
  const plain = { head, rows: told.map(({ name, value, text }) => [name, value, text]) };
  if (measureTable(plain) > columns) {
    const lines = told.flatMap(({ name, value, text, colour }) => [
      ...wrapText(name, columns, 2),
      `  ${value}, ${paint[colour](text)}`,
    ]);
    return { lines: ['budgets', ...lines, ...notes.map(paint.dim)] };
  }
  const rows = told.map(({ name, value, text, colour }) => [name, value, paint[colour](text)]);
  return { head, rows, notes };
}

function describeValue({ value, unit, atLeast }: BudgetResult): string {
  if (value === null) return '-';
  const text = FORMATS[unit](value);
  return atLeast === true ? `at least ${text}` : text;
}
