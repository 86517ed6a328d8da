import type { WindowSummary } from '../result/summary-records.ts';
import { formatCount, formatRate, formatSeconds } from './format.ts';
import { renderFigure } from './metrics.ts';
import type { Paint } from './paint.ts';
import type { ReportInput, Section } from './section.ts';
import { type Column, layOut, pickColumns } from './table-width.ts';
import { wrapText } from './text.ts';

/** When it was that a load of one rate, or of one number of clients, was served worse; nothing where there are no windows. */
export function renderWindows({ summary, columns, paint }: ReportInput): Section {
  const windows = summary.windows ?? [];
  if (windows.length === 0) return { lines: [] };
  const isClosed = windows.some(({ serviceTime }) => serviceTime !== undefined);
  const hasAbandoned = windows.some(({ abandoned }) => abandoned !== undefined);
  const left = [...(isClosed ? ['offered'] : []), ...(hasAbandoned ? [] : ['abandoned'])];
  const shown = COLUMNS.filter(({ title }) => !left.includes(title));
  return {
    ...layOut(pickColumns(shown, windows, columns), windows, paint),
    notes: wrapText(`${isClosed ? CLOSED_NOTE : ''}${NOTE}`, columns, 2),
  };
}

const NOTE =
  'by the moment attempts ended: those that waited are in the window in which they were served';
const CLOSED_NOTE = 'p50 and p99 are of service time; ';

const COLUMNS: readonly Column<WindowSummary>[] = [
  {
    title: 'window',
    render: ({ fromUs, toUs }) => `${formatSeconds(fromUs)}-${formatSeconds(toUs)} s`,
  },
  { title: 'offered', render: ({ offeredPerSecond = 0 }) => formatRate(offeredPerSecond) },
  { title: 'achieved', render: ({ achievedPerSecond }) => formatRate(achievedPerSecond) },
  { title: 'failed', render: ({ failed }) => formatCount(failed), worth: 2 },
  { title: 'abandoned', render: ({ abandoned = 0 }) => formatCount(abandoned), worth: 2 },
  { title: 'dropped', render: ({ dropped }) => formatCount(dropped), worth: 1 },
  { title: 'p50', render: (window, paint) => renderTime(window, 'p50Us', paint) },
  { title: 'p99', render: (window, paint) => renderTime(window, 'p99Us', paint) },
];

function renderTime(
  { latency, serviceTime }: WindowSummary,
  name: 'p50Us' | 'p99Us',
  paint: Paint,
): string {
  const figures = latency ?? serviceTime;
  return figures === undefined ? '-' : renderFigure(figures, name, paint);
}
