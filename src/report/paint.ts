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

/** How wide and whether in colour to write to a stream. https://no-color.org: any value but the empty one says no. */
export function outputStyle(
  stream: { isTTY?: boolean; columns?: number },
  env: Record<string, string | undefined>,
): { columns: number; colour: boolean } {
  const colour = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return { columns: readColumns(stream, env), colour };
}

/**
 * COLUMNS where the width is unknown, else 80: pipes have no width, and terminals whose size nobody set (CI, containers)
 * say 0.
 */
export function readColumns(
  { columns = 0 }: { columns?: number },
  env: Record<string, string | undefined> = {},
): number {
  if (columns > 0) return columns;
  const told = Number(env.COLUMNS);
  return Number.isInteger(told) && told >= NARROWEST ? told : 80;
}

/** Nobody reads a report in less. */
const NARROWEST = 20;
