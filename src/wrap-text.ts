import { maskSecrets } from './secrets.ts';

/**
 * Breaks a text into lines of at most `columns` characters, all but the first indented by `indent`. A longer word is
 * broken. Passwords are masked before, because one that is split over two lines could not be recognised.
 */
export function wrapText(text: string, columns: number, indent = 0): string[] {
  const width = Math.max(columns - indent, 1);
  const words = maskSecrets(text)
    .split(' ')
    .flatMap((word) => breakWord(word, width));
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((text, index) => (index === 0 ? text : ' '.repeat(indent) + text));
}

function breakWord(word: string, width: number): string[] {
  return word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}`, 'gsu')) ?? []);
}

/** A stream for people. `columns` is 0 on a terminal whose size is not set. */
export interface TextStream {
  isTTY?: boolean;
  columns?: number;
  /** Masks the passwords in the arguments and variables of this command; absent: there are none to mask. */
  mask?: (text: string) => string;
}

type Environment = Record<string, string | undefined>;

/** Narrower text is not readable. */
const NARROWEST = 20;

/** Returns how wide the lines of a stream may be: the terminal's width, else COLUMNS; undefined if neither is known. */
export function findWidth(
  { columns = 0 }: TextStream,
  { COLUMNS }: Environment = {},
): number | undefined {
  if (columns > 0) return columns;
  const width = Number(COLUMNS);
  return Number.isInteger(width) && width >= NARROWEST ? width : undefined;
}

/**
 * Returns a message for a stream. If the width is known, each line is wrapped to it. Otherwise lines stay whole, so
 * that a line of a log stays one message.
 */
export function wrapMessage(text: string, stream: TextStream, env: Environment = {}): string {
  const width = findWidth(stream.isTTY === true ? stream : {}, env);
  if (width === undefined) return text;
  const masked = stream.mask?.(text) ?? text;
  return masked
    .split('\n')
    .flatMap((line) => wrapText(line, width, 2))
    .join('\n');
}

/** Writes a message and a line feed. Everything for people beside a result is written here. */
export function writeMessage(
  stream: NodeJS.WritableStream & TextStream,
  text: string,
  env: Environment = {},
): void {
  stream.write(`${wrapMessage(text, stream, env)}\n`);
}
