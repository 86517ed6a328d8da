import Table from 'cli-table3';
import { liftRun } from '../result/lift.ts';
import type { AnyHeader } from '../result/records/header.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import { listSections } from './sections.ts';
import { createPaint, type Paint } from './text/paint.ts';
import type { Table as Cells, Section } from './text/section.ts';
import { fitTable, stackTable } from './text/table-width.ts';

export interface RenderOptions {
  /** Width of lines. Below 40, titles and names may be wider. */
  columns: number;
  colour: boolean;
  /** Path of the result file; null: the records went to standard output. */
  resultPath: string | null;
  /** Explain each figure that is shown (`--explain`). */
  explain?: boolean;
}

/** Returns the report of a run for a terminal, or for a pipe without colour. It ends with a line feed. */
export function renderReport(
  { summary, header }: { summary: AnySummary; header: AnyHeader },
  { columns, colour, resultPath, explain = false }: RenderOptions,
): string {
  const paint = createPaint(colour);
  const run = liftRun(header, summary);
  const sections = listSections({ ...run, columns, paint, resultPath, explain });
  return renderSections(sections, paint, columns);
}

/**
 * Returns the sections one below the other, ending with a line feed. `columns`: width that tables are fitted to as far
 * as they can leave out columns.
 */
export function renderSections(
  sections: readonly Section[],
  paint: Paint,
  columns = Number.POSITIVE_INFINITY,
): string {
  const blocks = sections.map((section) => renderSection(section, paint, columns));
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function renderSection(section: Section, paint: Paint, columns: number): string {
  if ('lines' in section) return section.lines.join('\n');
  if (section.rows.length === 0) return '';
  const notes = section.notes.filter((note) => note !== '').map(paint.dim);
  const fitted = fitTable(section, columns);
  const stacked = stackTable(fitted, columns, fitted.wordColumns);
  return [...(stacked ?? [drawTable(fitted, paint)]), ...notes].join('\n');
}

/** Draws a table without lines, with two spaces between columns and figures aligned to the right. */
function drawTable({ head, rows, wordColumns = 1 }: Cells, paint: Paint): string {
  const table = new Table({
    head: head.map(paint.dim),
    colAligns: head.map((_, index) => (index < wordColumns ? 'left' : 'right')),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows);
  return table.toString().replace(/ +$/gm, '');
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};
