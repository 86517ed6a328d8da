import { escapeControls } from '../../controls.ts';
import { formatCounted } from '../../counted.ts';
import type { EventSummary } from '../../result/records/events.ts';
import type { WindowSummary } from '../../result/records/summary-figures.ts';
import { markEvents } from '../beside/events.ts';
import { formatCount, formatRate, formatSpanRange } from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { Section, ShownVariant, Style, VariantsInput } from '../text/section.ts';
import { type Column, layOut, pickColumns } from '../text/table-width.ts';
import { fitName, wrapText } from '../text/text.ts';
import { renderFigure } from './metrics.ts';

/**
 * Returns the windows of a load of one rate, or of one number of clients, to show when it was served worse. Without
 * windows there are no lines. With several variants, only those are shown in which one window differs from the others.
 */
export function renderWindows(
  { header, columns, paint }: VariantsInput,
  variants: readonly ShownVariant[],
): Section[] {
  const shown = variants.filter(
    ({ summary: { windows = [] }, record: { plan } }) =>
      header.isLone || isUneven(windows, plan.durationUs),
  );
  return shown.map(({ name, summary: { windows = [], rounds, events = [] } }) => {
    const title = header.isLone ? 'window' : fitName(escapeControls(name), columns);
    return listWindows(title, windows, { columns, paint, rounds: rounds.length, events });
  });
}

/**
 * A window counts as slow from this factor of the median window on, if it is also slower by more than a tenth of a
 * second.
 */
const SLOW_TIMES = 3;
const SLOW_BY_US = 100_000;
/** Share of what the median window achieved, or of what arrived in the window. */
const LITTLE_SHARE = 0.7;

/** Returns whether some window within the load's `durationUs` was served worse than most: a stall, refusals, drops. */
export function isUneven(windows: readonly WindowSummary[], durationUs: number): boolean {
  const loaded = windows.filter(({ fromUs, drain }) => drain !== true && fromUs < durationUs);
  const slowest = loaded.map(({ latency, serviceTime }) => (latency ?? serviceTime)?.p99Us ?? 0);
  const usualUs = findLowerMedian(slowest);
  const usualPerSecond = findLowerMedian(loaded.map(({ achievedPerSecond }) => achievedPerSecond));
  const losses = loaded.map(({ failed, dropped, abandoned = 0 }) => failed + dropped + abandoned);
  return (
    slowest.some((us) => us > SLOW_TIMES * usualUs && us > usualUs + SLOW_BY_US) ||
    loaded.some(
      (window) => window.achievedPerSecond < LITTLE_SHARE * wanted(window, usualPerSecond),
    ) ||
    (losses.some((lost) => lost > 0) && losses.some((lost) => lost === 0))
  );
}

/** Returns the rate that a window could achieve: no more than arrived in it. */
function wanted({ offeredPerSecond }: WindowSummary, usualPerSecond: number): number {
  return Math.min(usualPerSecond, offeredPerSecond ?? usualPerSecond);
}

/**
 * Returns the lower median, which is one of the values: of an even number of them the lower of the two in the middle; 0
 * for none.
 */
function findLowerMedian(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/**
 * Returns the table of windows. `title`: head of its first column. `rounds`: number of rounds that are merged in the
 * windows.
 */
function listWindows(
  title: string,
  windows: readonly WindowSummary[],
  {
    columns,
    paint,
    rounds,
    events,
  }: Pick<Style, 'columns' | 'paint'> & { rounds: number; events: readonly EventSummary[] },
): Section {
  if (windows.length === 0) return { lines: [] };
  const isClosed = windows.some(({ serviceTime }) => serviceTime !== undefined);
  const hasAbandoned = windows.some(({ abandoned }) => abandoned !== undefined);
  const left = [...(isClosed ? ['offered'] : []), ...(hasAbandoned ? [] : ['abandoned'])];
  const [window, ...figures] = COLUMNS;
  const marks: Column<WindowSummary>[] =
    events.length === 0
      ? []
      : [{ title: 'events', render: (row) => markEvents(events, row), worth: 4 }];
  const known = figures.filter((column) => !left.includes(column.title));
  const shown = [{ ...window, title }, ...known, ...marks];
  const merged =
    rounds > 1
      ? `; each window has the figures of the same part of all ${formatCounted(rounds, 'round')}`
      : '';
  return {
    ...layOut(pickColumns(shown, windows, columns), windows, paint),
    notes: wrapText(`${isClosed ? CLOSED_NOTE : ''}${NOTE}${merged}`, columns, 2),
  };
}

const NOTE = 'attempts are counted in the window in which they ended';
const CLOSED_NOTE = 'p50 and p99 are of service time; ';

const COLUMNS: readonly [Column<WindowSummary>, ...Column<WindowSummary>[]] = [
  {
    title: 'window',
    render: ({ fromUs, toUs, partial, drain }) => {
      const mark = partial === true ? ' (cut)' : '';
      return `${formatSpanRange(fromUs, toUs)}${drain === true ? ' (drain)' : mark}`;
    },
  },
  {
    title: 'offered',
    render: ({ offeredPerSecond = 0, drain }) =>
      drain === true ? '-' : formatRate(offeredPerSecond),
  },
  { title: 'achieved', render: ({ achievedPerSecond }) => formatRate(achievedPerSecond) },
  { title: 'failed', render: ({ failed }) => formatCount(failed), worth: 2 },
  { title: 'abandoned', render: ({ abandoned = 0 }) => formatCount(abandoned), worth: 2 },
  { title: 'dropped', render: ({ dropped }) => formatCount(dropped), worth: 1 },
  { title: 'p50', render: (window, paint) => renderTime(window, 'p50Us', paint), worth: 3 },
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
