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

/** Colours, or functions that change nothing. */
export function createPaint(colour: boolean): Paint {
  const entries = Object.entries(CODES).map(([name, [on, off]]) => [
    name,
    (text: string) => (colour && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text),
  ]);
  return Object.fromEntries(entries) as Paint;
}

/** How wide and whether in colour to write to a stream. */
export function outputStyle(
  stream: { isTTY?: boolean; columns?: number },
  env: Record<string, string | undefined>,
): { columns: number; colour: boolean } {
  return { columns: readColumns(stream, env), colour: isColoured(stream, env) };
}

/** As Node does it: FORCE_COLOR outranks all, and 0 and false say no. https://no-color.org: any value but the empty one says no. */
function isColoured(
  { isTTY }: { isTTY?: boolean },
  { FORCE_COLOR, NO_COLOR, TERM }: Record<string, string | undefined>,
): boolean {
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR);
  return isTTY === true && !NO_COLOR && TERM !== 'dumb';
}

/**
 * COLUMNS where the width is unknown, else 80: pipes have no width, and terminals whose size nobody set (CI, containers)
 * say 0.
 */
export function readColumns(
  stream: { columns?: number },
  env: Record<string, string | undefined> = {},
): number {
  return findWidth(stream, env) ?? 80;
}
