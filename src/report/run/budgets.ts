import { escapeControls } from '../../controls.ts';
import { BYTES_PER_MB, formatMegabytes } from '../../number-text.ts';
import type { Reason } from '../../result/records/summary-figures.ts';
import type { BudgetResult } from '../../result/records/summary-records.ts';
import type { FigureUnit } from '../../scenario/named-figure.ts';
import { referToReasons } from '../refer.ts';
import { formatCount, formatDuration, formatRate, formatShareCell } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { Section } from '../text/section.ts';
import { measureTable } from '../text/table-width.ts';
import { wrapText } from '../text/text.ts';

const FORMATS: Record<FigureUnit, (value: number) => string> = {
  us: formatDuration,
  share: formatShareCell,
  count: formatCount,
  ratio: (value) => value.toFixed(2),
  perSecond: formatRate,
  bytes: formatMegabytes,
};

/** The verdicts in the JSON of the summary, and their words in a table and in a sentence. */
const VERDICTS = {
  pass: { text: 'pass', said: 'passed', colour: 'green' },
  fail: { text: 'fail', said: 'failed', colour: 'red' },
  'not-judged': { text: 'not judged', said: 'was not judged', colour: 'yellow' },
} as const;

/**
 * Returns each budget with its measured value and its verdict. Reasons of budgets that were not judged follow in lines
 * of their own.
 */
export function renderBudgets(
  budgets: readonly BudgetResult[],
  { columns, paint, reasons = [] }: BudgetStyle,
): Section {
  if (budgets.length === 0) return { lines: [] };
  const notes = listReasonNotes(budgets).flatMap((note) =>
    wrapText(escapeControls(referToReasons(note, reasons)), columns, 2),
  );
  const head = ['budgets', 'measured', 'of', 'verdict'];
  const judged = budgets.map((result) => {
    const { text, colour } = VERDICTS[result.verdict];
    const of = result.of === undefined ? '' : formatCount(result.of);
    return { name: escapeControls(result.budget), value: describeValue(result), of, text, colour };
  });
  const plain = { head, rows: judged.map(({ name, value, of, text }) => [name, value, of, text]) };
  if (measureTable(plain) > columns) {
    const lines = judged.flatMap(({ name, value, of, text, colour }) => [
      ...wrapText(name, columns, 2),
      ...wrapText(`${value}${of === '' ? '' : ` of ${of}`}, ${text}`, columns - 2, 2).map(
        (line) => `  ${paint[colour](line)}`,
      ),
    ]);
    return { lines: ['budgets', ...lines, ...notes.map(paint.dim)] };
  }
  const rows = judged.map(({ name, value, of, text, colour }) => [
    name,
    value,
    of,
    paint[colour](text),
  ]);
  return { head, rows, notes };
}

interface BudgetStyle {
  columns: number;
  paint: Paint;
  /** Reasons that are printed above the budgets; absent: none. */
  reasons?: readonly Reason[];
}

/** Returns each reason once, with the budgets that have it. */
function listReasonNotes(budgets: readonly BudgetResult[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { budget, reason } of budgets) {
    if (reason !== undefined) byReason.set(reason, [...(byReason.get(reason) ?? []), budget]);
  }
  return [...byReason].map(([reason, names]) => `${names.join(', ')}: ${reason}`);
}

/** Returns a budget as a sentence: `latency p(99) < 250ms failed (measured 312 ms)`. */
export function describeBudget(result: BudgetResult): string {
  const { budget, verdict, reason } = result;
  const measured = verdict === 'fail' ? `measured ${describeValue(result)}` : reason;
  return `${escapeControls(budget)} ${VERDICTS[verdict].said} (${escapeControls(measured ?? '-')})`;
}

function describeValue({ low, high, unit, bound }: BudgetResult): string {
  const show = (value: number): string => formatBeside(value, bound, unit);
  if (low === null) return high === null ? '-' : `at most ${show(high)}`;
  if (high === null) return `at least ${show(low)}`;
  return show(low) === show(high) ? show(low) : `${show(low)} to ${show(high)}`;
}

/**
 * Returns the value with enough digits to differ from the bound. Otherwise 250.4 ms would fail 250ms and be shown as
 * 250 ms.
 */
function formatBeside(value: number, bound: number | null, unit: FigureUnit): string {
  const text = FORMATS[unit](value);
  if (bound === null || text !== FORMATS[unit](bound)) return text;
  if (unit === 'us') return `${value / 1000} ms`;
  if (unit === 'share') return `${Number((value * 100).toPrecision(6))}%`;
  if (unit === 'ratio') return String(Number(value.toPrecision(6)));
  if (unit === 'bytes') return `${Number((value / BYTES_PER_MB).toPrecision(6))} MB`;
  return unit === 'perSecond' ? `${Number(value.toPrecision(6))}/s` : text;
}
