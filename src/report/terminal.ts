import Table from 'cli-table3';
import { liftRun, pickLone } from '../result/lift.ts';
import type { AnyHeader } from '../result/records/header.ts';
import type { AnySummary } from '../result/records/summary-records.ts';
import { renderClosing } from './closing.ts';
import { renderMeanings } from './meanings.ts';
import { renderBottleneck } from './run/bottleneck.ts';
import { renderBudgets } from './run/budgets.ts';
import { renderErrors } from './run/errors.ts';
import { renderFooter } from './run/footer.ts';
import { renderHeadline } from './run/headline.ts';
import { listColumns, renderMetrics, renderSlowest } from './run/metrics.ts';
import { renderNotices } from './run/notices.ts';
import { renderSteps } from './run/steps.ts';
import { renderWindows } from './run/windows.ts';
import { renderCapacity } from './search/capacity.ts';
import { renderCurve } from './search/curve.ts';
import { renderCurvePlot } from './search/curve-plot.ts';
import { renderHeadroom } from './search/headroom.ts';
import { createPaint, type Paint } from './text/paint.ts';
import type { Table as Cells, ReportInput, Section } from './text/section.ts';
import { fitTable, stackTable } from './text/table-width.ts';
import { renderVariants } from './variants/variants.ts';

export interface RenderOptions {
  /** Lines are at most so wide, from 40 on; in less, titles and names may be longer. */
  columns: number;
  colour: boolean;
  /** null: the records went to standard output. */
  resultPath: string | null;
  /** What each figure means is told beside it (`--explain`). */
  explain?: boolean;
}

const SECTIONS = [
  renderCapacity,
  renderHeadline,
  ({ summary, ...style }: ReportInput) =>
    renderBudgets(summary.budgets, {
      ...style,
      told: [...summary.validity.reasons, ...(summary.warnings ?? [])],
    }),
  renderBottleneck,
  renderCurve,
  renderCurvePlot,
  renderHeadroom,
  renderMetrics,
  renderSlowest,
  renderSteps,
  renderWindows,
  renderErrors,
  renderNotices,
  renderFooter,
  ({ summary, explain = false, ...style }: ReportInput) =>
    explain
      ? renderMeanings([summary], { ...style, titles: listColumns(summary, style.columns) })
      : { lines: [] },
  renderClosing,
];

/** The report of a run for a terminal, or for a pipe without colour; ends with a line feed. */
export function renderReport(
  { summary, header }: { summary: AnySummary; header: AnyHeader },
  { columns, colour, resultPath, explain = false }: RenderOptions,
): string {
  const paint = createPaint(colour);
  const sections = listSections({ summary, header }, { columns, paint, resultPath, explain });
  return renderSections(sections, paint, columns);
}

/** One under the other; ends with a line feed. `columns`: how wide tables may be, as far as they can spare columns. */
export function renderSections(
  sections: readonly Section[],
  paint: Paint,
  columns = Number.POSITIVE_INFINITY,
): string {
  const blocks = sections.map((section) => renderSection(section, paint, columns));
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function listSections(
  { summary, header }: { summary: AnySummary; header: AnyHeader },
  style: Omit<ReportInput, 'summary' | 'header'>,
): Section[] {
  const lone = pickLone(header, summary);
  if (lone !== undefined) return SECTIONS.map((render) => render({ ...lone, ...style }));
  return renderVariants({ ...liftRun(header, summary), ...style });
}

function renderSection(section: Section, paint: Paint, columns: number): string {
  if ('lines' in section) return section.lines.join('\n');
  if (section.rows.length === 0) return '';
  const notes = section.notes.filter((note) => note !== '').map(paint.dim);
  const fitted = fitTable(section, columns);
  const stacked = stackTable(fitted, columns, fitted.wordColumns);
  return [...(stacked ?? [drawTable(fitted, paint)]), ...notes].join('\n');
}

/** No lines, two spaces between columns, figures to the right. */
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
