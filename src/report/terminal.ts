import Table from 'cli-table3';
import type { HeaderRecord, SummaryRecord } from '../result/records.ts';
import { renderErrors } from './errors.ts';
import { renderFooter } from './footer.ts';
import { renderHeadline } from './headline.ts';
import { renderMetrics, renderSlowest } from './metrics.ts';
import { createPaint, type Paint } from './paint.ts';
import type { ReportInput, Section } from './section.ts';
import { renderSteps } from './steps.ts';

export interface RenderOptions {
  /** Lines are at most so wide, as far as tables allow: those need some 72. */
  columns: number;
  colour: boolean;
  /** null: the records went to standard output. */
  resultPath: string | null;
}

const SECTIONS = [
  renderHeadline,
  renderMetrics,
  renderSlowest,
  renderSteps,
  renderErrors,
  renderFooter,
];

/** The report of a run for a terminal, or for a pipe without colour; ends with a line feed. */
export function renderSummary(
  summary: SummaryRecord,
  header: HeaderRecord,
  { columns, colour, resultPath }: RenderOptions,
): string {
  const input: ReportInput = { summary, header, columns, paint: createPaint(colour), resultPath };
  const blocks = SECTIONS.map((render) => renderSection(render(input), input.paint));
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function renderSection(section: Section, paint: Paint): string {
  if ('lines' in section) return section.lines.join('\n');
  if (section.rows.length === 0) return '';
  const notes = section.notes.filter((note) => note !== '').map(paint.dim);
  return [drawTable(section.head, section.rows, paint), ...notes].join('\n');
}

/** No lines, two spaces between columns, figures to the right of the first column. */
function drawTable(head: string[], rows: string[][], paint: Paint): string {
  const table = new Table({
    head: head.map(paint.dim),
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
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
