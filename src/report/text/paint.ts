import { findWidth } from '../../wrap-text.ts';

/** SGR codes (ECMA-48 8.3.117) that every terminal knows. */
const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
} as const;

export type Paint = Record<keyof typeof CODES, (text: string) => string>;

/** Returns functions that add colour, or (`colour` false) that change nothing. */
export function createPaint(colour: boolean): Paint {
  const entries = Object.entries(CODES).map(([name, [on, off]]) => [
    name,
    (text: string) => (colour && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text),
  ]);
  return Object.fromEntries(entries) as Paint;
}

/** Returns the width of a stream, and whether to write to it in colour. */
export function outputStyle(
  stream: { isTTY?: boolean; columns?: number },
  env: Record<string, string | undefined>,
): { columns: number; colour: boolean } {
  return { columns: readColumns(stream, env), colour: isColoured(stream, env) };
}

/**
 * Returns whether to use colour, by Node's rules: FORCE_COLOR outranks all, and its values 0 and false turn colour off.
 * NO_COLOR turns it off with any value except the empty one: https://no-color.org.
 */
function isColoured(
  { isTTY }: { isTTY?: boolean },
  { FORCE_COLOR, NO_COLOR, TERM }: Record<string, string | undefined>,
): boolean {
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR);
  return isTTY === true && !NO_COLOR && TERM !== 'dumb';
}

/**
 * Returns the stream's width, else COLUMNS, else 80. Pipes have no width, and terminals without a set size (CI,
 * containers) report 0.
 */
export function readColumns(
  stream: { columns?: number },
  env: Record<string, string | undefined> = {},
): number {
  return findWidth(stream, env) ?? 80;
}
