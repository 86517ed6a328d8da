import { maskSecrets } from './secrets.ts';

/**
 * Lines of at most `columns` characters, all but the first indented; a word that is longer is broken. Passwords are masked
 * before: the half of one in each of two lines would not be known for one.
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

/** Where text for people goes. `columns` is 0 on a terminal whose size nobody set. */
export interface TextStream {
  isTTY?: boolean;
  columns?: number;
  /** Masks the passwords of what this command was given; absent: none was. */
  mask?: (text: string) => string;
}

type Environment = Record<string, string | undefined>;

/** Nobody reads text in less. */
const NARROWEST = 20;

/** How wide the lines of a stream may be: as its terminal is, else as COLUMNS says; undefined where neither tells. */
export function findWidth(
  { columns = 0 }: TextStream,
  { COLUMNS }: Environment = {},
): number | undefined {
  if (columns > 0) return columns;
  const told = Number(COLUMNS);
  return Number.isInteger(told) && told >= NARROWEST ? told : undefined;
}

/**
 * A message as a stream gets it: each line wrapped to the width that is known, and left whole where none is, so that a line of a
 * log stays one message.
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

/** Writes a message and a line feed: whatever people are told beside a result goes through here. */
export function writeMessage(
  stream: NodeJS.WritableStream & TextStream,
  text: string,
  env: Environment = {},
): void {
  stream.write(`${wrapMessage(text, stream, env)}\n`);
}
