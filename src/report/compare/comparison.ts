import { escapeControls } from '../../controls.ts';
import type { Comparison } from '../../result/records/comparison.ts';
import { renderFigureName } from '../../scenario/figure.ts';
import { LABELS } from '../run/metrics.ts';
import {
  formatDuration,
  formatDurationRange,
  formatNumber,
  formatNumberRange,
  formatShareCell,
} from '../text/format.ts';
import type { Paint } from '../text/paint.ts';
import type { Section } from '../text/section.ts';
import { fitTable } from '../text/table-width.ts';
import { fitName, wrapText } from '../text/text.ts';
import { describeVerdicts } from './comparison-verdict.ts';
import { countRoundsUsed, isAnyLeftOut } from './left-out.ts';
import { nameQuantile } from './quantile-name.ts';

interface Style {
  columns: number;
  paint: Paint;
}

interface RowStyle extends Style {
  /** True: some rounds do not count, and each row shows the number that it rests on. */
  isShort: boolean;
}

/**
 * Returns how each side compares with the baseline, in words and then in figures; no section with rows if nothing was
 * compared. A run, and `compare` with the file of that run, show the same.
 */
export function renderComparison(comparisons: readonly Comparison[], style: Style): Section[] {
  const judged = comparisons.filter(({ primary }) => primary);
  const verdicts = describeVerdicts(judged, style);
  const isShown = comparisons.some(({ n }) => n > 0);
  return [{ lines: verdicts }, ...(isShown ? [renderFigures(comparisons, style)] : [])];
}

/** Returns a block of rows for each figure: the baseline, then each side that is compared with it. */
function renderFigures(comparisons: readonly Comparison[], { columns, paint }: Style): Section {
  // If all rounds count, their number is in the verdict.
  const isShort = isAnyLeftOut(comparisons);
  const head = [
    'by rounds',
    '',
    ...(isShort ? ['n'] : []),
    'ok',
    'median',
    'times',
    '95 % interval',
  ];
  const rows = groupByFigure(comparisons).flatMap((group) =>
    group.flatMap((comparison, index) =>
      index === 0
        ? [
            renderBaseline(comparison, { columns, paint, isShort }),
            renderRow(comparison, { columns, paint, isShort }),
          ]
        : [renderRow(comparison, { columns, paint, isShort })],
    ),
  );
  const table = { head, rows, wordColumns: 2, spare: isShort ? [2, 3, 4] : [2, 3] };
  const shown = fitTable(table, columns).head;
  return {
    ...table,
    notes: listNotes(comparisons, head, shown).flatMap((note) => wrapText(note, columns, 2)),
  };
}

/** Returns what the columns that are `shown` mean, and which ones of `head` found no room. */
function listNotes(
  comparisons: readonly Comparison[],
  head: readonly string[],
  shown: readonly string[],
): string[] {
  const isAny = (of: boolean): boolean => comparisons.some(({ primary }) => primary === of);
  const others = isAny(false) ? ', the others are for information only' : '';
  const left = head.filter((title) => !shown.includes(title));
  return [
    [
      ...(isAny(true) ? [`* the figure to judge by${others}`] : []),
      ...(shown.includes('median') ? ['median: the median of the rounds'] : []),
      TIMES_MEANS,
    ].join('; '),
    ...(shown.includes('ok') ? [OK_MEANS] : []),
    ...(shown.includes('n') ? [N_MEANS] : []),
    ...(left.length === 0
      ? []
      : [`the terminal is too narrow for these columns: ${left.join(', ')}`]),
  ];
}

const TIMES_MEANS =
  "times: how many times the baseline's time, estimated from all pairs of rounds (Hodges-Lehmann, exact interval)";
const OK_MEANS = 'ok: the share of all attempts (dropped arrivals included) that have this figure';
const N_MEANS = 'n: the rounds that count, of those that were planned';

/** Groups comparisons of the same figure with the same baseline. */
function groupByFigure(comparisons: readonly Comparison[]): Comparison[][] {
  const groups = new Map<string, Comparison[]>();
  for (const comparison of comparisons) {
    const key = `${renderFigureName(comparison)} ${comparison.b}`;
    groups.set(key, [...(groups.get(key) ?? []), comparison]);
  }
  return [...groups.values()];
}

function renderBaseline(comparison: Comparison, { columns, paint, isShort }: RowStyle): string[] {
  const { metric, aggregation, primary, b, bShare, bRounds } = comparison;
  const name = `${LABELS[metric].trim()} ${nameQuantile(aggregation)}${primary ? ' *' : ''}`;
  return [
    name,
    fitName(escapeControls(b), columns),
    ...(isShort ? [countRoundsUsed(bRounds)] : []),
    formatShareCell(bShare),
    describeLevel(comparison, 'b', paint),
    '',
    '',
  ];
}

function renderRow(comparison: Comparison, { columns, paint, isShort }: RowStyle): string[] {
  const { a, aShare, aRounds } = comparison;
  return [
    '',
    fitName(escapeControls(a), columns),
    ...(isShort ? [countRoundsUsed(aRounds)] : []),
    formatShareCell(aShare),
    describeLevel(comparison, 'a', paint),
    describeRatio(comparison),
    describeInterval(comparison),
  ];
}

/** Returns the median. `unknown`: only known to be at least 0. A median with a bound on both sides is a range. */
function describeLevel(
  { aUs, bUs, aRangeUs, bRangeUs, atLeast = [], late = [] }: Comparison,
  side: 'a' | 'b',
  paint: Paint,
): string {
  const range = side === 'a' ? aRangeUs : bRangeUs;
  if (range !== undefined) return paint.yellow(formatDurationRange(...range));
  const us = side === 'a' ? aUs : bUs;
  if (late.includes(side)) return paint.yellow(`≤ ${formatDuration(us)}`);
  if (!atLeast.includes(side)) return formatDuration(us);
  return paint.yellow(us === 0 ? 'unknown' : `≥ ${formatDuration(us)}`);
}

const SIGNS = { 'at-least': '≥ ', 'at-most': '≤ ' } satisfies Record<
  NonNullable<Comparison['ratioIs']>,
  string
>;

/** Returns the ratio. One with a bound on both sides is a range. */
function describeRatio({ ratio, ratioIs, ratioRange }: Comparison): string {
  if (ratio === null) return '-';
  if (ratioRange !== undefined) return formatNumberRange(...ratioRange);
  return `${ratioIs === undefined ? '' : SIGNS[ratioIs]}${formatNumber(ratio)}`;
}

/** Returns the interval. An open end is left out: `≥ 4.6`. */
function describeInterval({ low, high }: Comparison): string {
  if (low !== null && high !== null) return formatNumberRange(low, high);
  if (low !== null) return `≥ ${formatNumber(low)}`;
  return high === null ? '-' : `≤ ${formatNumber(high)}`;
}
