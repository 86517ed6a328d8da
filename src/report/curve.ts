import { formatCounted } from '../counted.ts';
import type { CurvePoint, StepSummary } from '../result/summary-records.ts';
import { formatCount, formatDuration, formatRate } from './format.ts';
import { renderFigure } from './metrics.ts';
import { createPaint, type Paint } from './paint.ts';
import type { ReportInput, Section } from './section.ts';
import { type Cells, measureTable } from './table-width.ts';
import { wrapText } from './text.ts';

/** What came of each rate that a search tried, lowest first; nothing without a search. */
export function renderCurve({ summary, columns, paint }: ReportInput): Section {
  const { capacity, steps } = summary;
  if (capacity === null) return { lines: [] };
  return listCurve('offered', capacity.curve, { steps, columns, paint });
}

/** `title` stands above the rates that were offered. */
export function listCurve(
  title: string,
  curve: readonly CurvePoint[],
  { steps, columns, paint }: { steps: readonly StepSummary[]; columns: number; paint: Paint },
): Section {
  const shown = chooseColumns(title, curve, columns);
  const left = COLUMNS.filter((column) => !shown.includes(column));
  const notes = [
    'p50 and p99 are of latency; in flight: mean / most of connects; sustained: whether, and by how many trials',
    ...(left.length === 0 ? [] : [`too wide for here: ${left.map(nameColumn).join(', ')}`]),
    ...noteInvalid(curve),
    ...noteTastes(steps),
  ];
  return {
    ...layOut(title, shown, curve, paint),
    notes: notes.flatMap((note) => wrapText(note, columns, 2)),
  };
}

/** A rate is sustained where more of its trials were than were not; those that were connstorm's own fault say nothing. */
export function judgePoint({ trials, bad, invalid }: CurvePoint): 'yes' | 'no' | 'invalid' {
  const judged = trials - invalid;
  if (judged === 0) return 'invalid';
  return judged - bad > bad ? 'yes' : 'no';
}

interface Column {
  title: string;
  render(point: CurvePoint, paint: Paint): string;
  /** Left out where the table is too wide, the lowest first; absent: never. */
  worth?: number;
}

const COLUMNS: readonly Column[] = [
  { title: 'offered', render: (point) => formatRate(point.offeredPerSecond) },
  { title: 'achieved', render: (point) => formatRate(point.achievedPerSecond) },
  { title: 'p50', render: ({ latency }, paint) => renderFigure(latency, 'p50Us', paint), worth: 3 },
  { title: 'p99', render: ({ latency }, paint) => renderFigure(latency, 'p99Us', paint) },
  { title: 'spawn p50', render: (point) => formatDuration(point.spawnP50Us), worth: 1 },
  { title: 'in flight', render: renderInFlight, worth: 2 },
  { title: 'sustained', render: renderSustained },
];

function nameColumn({ title }: Column): string {
  return title;
}

function renderInFlight({ inFlightMean, inFlightMost }: CurvePoint): string {
  if (inFlightMean === null || inFlightMost === null) return '-';
  const mean =
    inFlightMean < 9.95 ? inFlightMean.toFixed(1) : formatCount(Math.round(inFlightMean));
  return `${mean} / ${formatCount(inFlightMost)}`;
}

function renderSustained(point: CurvePoint, paint: Paint): string {
  const verdict = judgePoint(point);
  if (verdict === 'invalid') return paint.red(verdict);
  const judged = point.trials - point.invalid;
  const colour = verdict === 'yes' ? paint.green : paint.red;
  return colour(`${verdict}, ${judged - point.bad} of ${judged}`);
}

/** All that fit. */
function chooseColumns(title: string, curve: readonly CurvePoint[], columns: number): Column[] {
  const plain = createPaint(false);
  const leaving = COLUMNS.flatMap(({ worth }) => worth ?? []).sort((a, b) => a - b);
  const choices = [0, ...leaving].map((least) =>
    COLUMNS.filter(({ worth = Number.POSITIVE_INFINITY }) => worth > least),
  );
  const fits = (shown: Column[]): boolean =>
    measureTable(layOut(title, shown, curve, plain)) <= columns;
  return choices.find(fits) ?? choices.at(-1) ?? [];
}

function layOut(
  title: string,
  shown: readonly Column[],
  curve: readonly CurvePoint[],
  paint: Paint,
): Cells {
  const [, ...titles] = shown.map(nameColumn);
  return {
    head: [title, ...titles],
    rows: curve.map((point) => shown.map(({ render }) => render(point, paint))),
  };
}

function noteInvalid(curve: readonly CurvePoint[]): string[] {
  const some = curve.filter(({ invalid }) => invalid > 0);
  if (some.length === 0) return [];
  const each = some.map(({ offeredPerSecond, trials, invalid }) => {
    return `${invalid} of ${trials} at ${formatRate(offeredPerSecond)}`;
  });
  return [`trials that say nothing, for connstorm's own fault: ${each.join(', ')}`];
}

/** Where the search learned where to begin; a closed loop offers no rate, so these are none of the curve's. */
function noteTastes(steps: readonly StepSummary[]): string[] {
  const tastes = steps.filter(({ role }) => role === 'taste');
  if (tastes.length === 0) return [];
  const each = tastes.map(({ startClients = 0, achievedPerSecond }) => {
    return `${formatCounted(startClients, 'client')} got ${formatRate(achievedPerSecond)}`;
  });
  return [`to know where to begin, in a closed loop: ${each.join(', ')}`];
}
