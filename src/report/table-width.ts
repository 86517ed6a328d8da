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
