import { escapeControls } from '../../controls.ts';
import { nounOf } from '../../counted.ts';
import { namesCode } from '../../failure-text.ts';
import type { ErrorCount } from '../../result/records/intervals.ts';
import { formatCount } from '../text/format.ts';
import type { ReportInput, Section } from '../text/section.ts';
import { wrapText } from '../text/text.ts';

const MOST_SHOWN = 12;

/** What failed, most frequent first: layer/phase, code and one message of each kind. */
export function renderErrors({ summary, columns, paint }: ReportInput): Section {
  return listErrors('errors', summary.errors, { columns, paint });
}

export function listErrors(
  title: string,
  errors: readonly ErrorCount[],
  { columns, paint }: Pick<ReportInput, 'columns' | 'paint'>,
): Section {
  if (errors.length === 0) return { lines: [] };
  const shown = errors.slice(0, MOST_SHOWN);
  const width = Math.max(...shown.map(({ count }) => formatCount(count).length));
  const lines = shown.flatMap((error) => describeError(error, width, columns));
  return {
    lines: [
      ...wrapText(title, columns, 2).map(paint.bold),
      ...lines,
      ...noteFurther(errors.slice(MOST_SHOWN)).flatMap((line) => wrapText(line, columns, 2)),
    ],
  };
}

/** The count, and beside it the error in as many lines as it takes. */
function describeError(error: ErrorCount, width: number, columns: number): string[] {
  const { layer, phase, code, message, count, ledger } = error;
  const after = ledger === 'connection' ? ' (after it was ready)' : '';
  const where = namesCode(message, code) ? `${layer}/${phase}` : `${layer}/${phase} ${code}`;
  const text = escapeControls(`${where}${after}: ${message}`);
  return wrapText(text, columns - width - 2).map((line, index) => {
    const number = index === 0 ? formatCount(count) : '';
    return `${number.padStart(width)}  ${line}`;
  });
}

function noteFurther(errors: readonly ErrorCount[]): string[] {
  if (errors.length === 0) return [];
  const count = errors.reduce((sum, error) => sum + error.count, 0);
  return [
    `and ${formatCount(count)} more, of ${errors.length} further ${nounOf(errors.length, 'kind')}: --json lists them all`,
  ];
}
