import type { CurvePoint } from '../../result/records/capacity.ts';
import { formatRate } from '../text/format.ts';
import type { DetailInput, Section } from '../text/section.ts';
import { wrapText } from '../text/text.ts';
import { judgePoint } from './curve.ts';

/** Width of the plot in characters. A wider one shows nothing more, a narrower one no slope. */
const MOST_COLUMNS = 64;
const LEAST_COLUMNS = 24;
/** Lines from the axis, at 0 achieved, up to the highest rate achieved. */
const ROWS = 9;
const FEWEST_POINTS = 3;

/**
 * Returns a plot of achieved against offered; no lines without a search, with fewer than three rates, or without room.
 */
export function renderCurvePlot({ summary, columns }: DetailInput): Section {
  return { lines: plotCurve(summary.capacity?.curve ?? [], columns) };
}

/** Draws the plot in characters that every terminal has. */
export function plotCurve(curve: readonly CurvePoint[], columns: number): string[] {
  const points = curve.filter(({ achievedPerSecond }) => achievedPerSecond > 0);
  if (points.length < FEWEST_POINTS) return [];
  const most = {
    offered: Math.max(...points.map(({ offeredPerSecond }) => offeredPerSecond)),
    achieved: Math.max(...points.map(({ achievedPerSecond }) => achievedPerSecond)),
  };
  const top = formatRate(most.achieved);
  const margin = top.length + 2;
  const width = Math.min(MOST_COLUMNS, columns - margin);
  if (width < LEAST_COLUMNS) return [];
  const field = drawField(points, most, width);
  const labels = [top, ...Array<string>(ROWS - 2).fill(''), '0'];
  return [
    'achieved',
    ...field.map((line, row) => {
      const edge = row === ROWS - 1 ? '+' : '|';
      return `${(labels[row] ?? '').padStart(top.length)} ${edge}${line}`.trimEnd();
    }),
    `${' '.repeat(margin)}0${`offered ${formatRate(most.offered)}`.padStart(width - 1)}`,
    ...wrapText(describeMarks(field, points), columns, 2),
  ];
}

const MARKS = { yes: 'o', no: 'x', invalid: '?', unsure: '~' } as const;
/** Marks the line on which all that is offered is achieved. */
const WHOLE = '.';
const SEVERAL = '*';
const EMPTY = ' ';
const AXIS = '-';

const MEANINGS = {
  [MARKS.yes]: 'sustained',
  [MARKS.no]: 'not sustained',
  [MARKS.invalid]: "connstorm's own fault",
  [MARKS.unsure]: 'held up, or disturbed',
  [SEVERAL]: 'different results',
  [WHOLE]: 'achieved = offered',
};

/** Replaces the meaning of `~` if the target stopped serving in a trial. */
const NOT_COUNTED = 'no trial counts';

/** Returns the lines of the plot, the highest achieved rates first. */
function drawField(
  points: readonly CurvePoint[],
  most: { offered: number; achieved: number },
  width: number,
): string[] {
  const cells = Array.from({ length: ROWS }, (_, row) =>
    Array<string>(width).fill(row === ROWS - 1 ? AXIS : EMPTY),
  );
  const rowOf = (perSecond: number): number =>
    ROWS - 1 - Math.round((perSecond / most.achieved) * (ROWS - 1));
  const columnOf = (perSecond: number): number =>
    Math.round((perSecond / most.offered) * (width - 1));
  const put = (column: number, row: number, mark: string): void => {
    const line = cells[row];
    if (line === undefined) return;
    const there = line[column];
    const isTaken = there !== EMPTY && there !== AXIS && there !== WHOLE;
    line[column] = isTaken && there !== mark ? SEVERAL : mark;
  };
  for (let column = 0; column < width; column++) {
    put(column, rowOf((most.offered * column) / (width - 1)), WHOLE);
  }
  for (const point of points) {
    const { offeredPerSecond, achievedPerSecond } = point;
    put(columnOf(offeredPerSecond), rowOf(achievedPerSecond), MARKS[judgePoint(point)]);
  }
  return cells.map((line) => line.join(''));
}

/** Explains the marks that the plot contains. */
function describeMarks(field: readonly string[], points: readonly CurvePoint[]): string {
  const drawn = field.join('');
  const hasBroken = points.some(({ broken = 0 }) => broken > 0);
  return Object.entries(hasBroken ? { ...MEANINGS, [MARKS.unsure]: NOT_COUNTED } : MEANINGS)
    .filter(([mark]) => drawn.includes(mark))
    .map(([mark, meaning]) => `${mark} ${meaning}`)
    .join(', ');
}
