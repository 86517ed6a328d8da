import { nounOf } from '../../counted.ts';
import { formatCount } from './format.ts';
import type { Section, Style } from './section.ts';
import { wrapText } from './text.ts';

const MOST_SHOWN = 12;

/**
 * Returns a line for each kind of `all`, with its count in front; no lines without any. `describe` returns the kind in
 * words.
 */
export function listCounted<Kind extends { count: number }>(
  title: string,
  all: readonly Kind[],
  describe: (kind: Kind) => string,
  { columns, paint }: Pick<Style, 'columns' | 'paint'>,
): Section {
  if (all.length === 0) return { lines: [] };
  const shown = all.slice(0, MOST_SHOWN);
  const width = Math.max(...shown.map(({ count }) => formatCount(count).length));
  const lines = shown.flatMap((kind) => {
    // The words stand beside the count, in as many lines as they take.
    return wrapText(describe(kind), columns - width - 2).map((line, index) => {
      const number = index === 0 ? formatCount(kind.count) : '';
      return `${number.padStart(width)}  ${line}`;
    });
  });
  return {
    lines: [
      ...wrapText(title, columns, 2).map(paint.bold),
      ...lines,
      ...noteFurther(all.slice(MOST_SHOWN)).flatMap((line) => wrapText(line, columns, 2)),
    ],
  };
}

function noteFurther(kinds: readonly { count: number }[]): string[] {
  if (kinds.length === 0) return [];
  const count = kinds.reduce((sum, kind) => sum + kind.count, 0);
  return [
    `and ${formatCount(count)} more, of ${kinds.length} further ${nounOf(kinds.length, 'kind')}: --json lists them all`,
  ];
}
