import { wrapText } from '../../wrap-text.ts';
import { createPaint, type Paint } from './paint.ts';

/** The cells of a table. By default all columns but the first are aligned to the right. */
export interface Cells {
  head: string[];
  rows: string[][];
}

/** Spaces between two columns. */
const GAP = 2;

/** Returns the width of a table whose cells have no colour. */
export function measureTable({ head, rows }: Cells): number {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
}

/** Colour codes, which take no width. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLOURS = /\x1b\[\d+m/g;

/** Returns the table without as many of its spare columns as it takes to fit. Cells may have colour. */
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
 * Returns a table as lines if it is too wide even with the columns that it must keep. Each row becomes its name, and
 * below it its cells with their titles. undefined: the table fits. `wordColumns`: number of columns that name a row.
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

/** A column of a table, with the function that renders its cell for a row. */
export interface Column<Row> {
  title: string;
  render(row: Row, paint: Paint): string;
  /** If the table is too wide, the columns with the lowest worth are left out; absent: never left out. */
  worth?: number;
}

/** Returns the columns that fit. Columns without a `worth` are always among them. */
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
