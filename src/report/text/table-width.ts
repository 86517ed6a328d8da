import { wrapText } from '../../wrap-text.ts';
import { createPaint, type Paint } from './paint.ts';

/** The cells of a table; all but the first column stand to the right. */
export interface Cells {
  head: string[];
  rows: string[][];
}

/** Between two columns. */
const GAP = 2;

/** How wide a table becomes whose cells are not coloured. */
export function measureTable({ head, rows }: Cells): number {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
}

/** Codes that colour text and take no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLOURS = /\x1b\[\d+m/g;

/** The table without the columns that it can spare, as far as it is too wide with them. Cells may be coloured. */
export function fitTable<Table extends Cells & { spare?: readonly number[] }>(
  table: Table,
  columns: number,
): Table {
  const [next, ...spare] = table.spare ?? [];
  if (next === undefined || measureTable(withoutColour(table)) <= columns) return table;
  const without = (cells: string[]): string[] => cells.filter((_, at) => at !== next);
  const moved = spare.map((at) => (at > next ? at - 1 : at));
  const narrower = { head: without(table.head), rows: table.rows.map(without), spare: moved };
  return fitTable({ ...table, ...narrower }, columns);
}

function withoutColour({ head, rows }: Cells): Cells {
  return { head, rows: rows.map((row) => row.map((cell) => cell.replace(COLOURS, ''))) };
}

/**
 * A table that is too wide in whatever columns it keeps, as lines: of each row what it is of, and under that its cells with their
 * titles. Undefined where the table fits. `wordColumns`: so many columns say what a row is of.
 */
export function stackTable(table: Cells, columns: number, wordColumns = 1): string[] | undefined {
  const { head, rows } = withoutColour(table);
  if (measureTable({ head, rows }) <= columns) return undefined;
  const [title = ''] = head;
  const lines = rows.flatMap((row) => {
    const names = row.slice(0, wordColumns).map((cell) => cell.trim());
    const cells = row.flatMap((cell, at) =>
      at < wordColumns || cell.trim() === '' ? [] : [`${head[at] ?? ''} ${cell.trim()}`.trim()],
    );
    const figures = wrapText(cells.join(', '), columns - 2, 2).map((line) => `  ${line}`);
    return [
      ...wrapText(names.filter((name) => name !== '').join(' '), columns, 2),
      ...(cells.length === 0 ? [] : figures),
    ];
  });
  return title === '' ? lines : [...wrapText(title, columns, 2), ...lines];
}

/** A column of a table, and how its cell of a row is shown. */
export interface Column<Row> {
  title: string;
  render(row: Row, paint: Paint): string;
  /** Left out where the table is too wide, the lowest first; absent: never. */
  worth?: number;
}

/** All columns that fit; those without a `worth` in any case. */
export function pickColumns<Row>(
  all: readonly Column<Row>[],
  rows: readonly Row[],
  columns: number,
): Column<Row>[] {
  const plain = createPaint(false);
  const leaving = all.flatMap(({ worth }) => worth ?? []).sort((a, b) => a - b);
  const choices = [0, ...leaving].map((least) =>
    all.filter(({ worth = Number.POSITIVE_INFINITY }) => worth > least),
  );
  const fits = (shown: readonly Column<Row>[]): boolean =>
    measureTable(layOut(shown, rows, plain)) <= columns;
  return choices.find(fits) ?? choices.at(-1) ?? [];
}

export function layOut<Row>(
  shown: readonly Column<Row>[],
  rows: readonly Row[],
  paint: Paint,
): Cells {
  return {
    head: shown.map(({ title }) => title),
    rows: rows.map((row) => shown.map(({ render }) => render(row, paint))),
  };
}
