/** Lines of at most `columns` characters, all but the first indented; a word that is longer is broken. */
export function wrapText(text: string, columns: number, indent = 0): string[] {
  const width = Math.max(columns - indent, 1);
  const words = text.split(' ').flatMap((word) => breakWord(word, width));
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
}

/**
 * A message as a stream gets it: each line wrapped to a terminal's width, and left whole elsewhere, so that a line of a log
 * stays one message.
 */
export function wrapMessage(text: string, { isTTY, columns = 0 }: TextStream): string {
  if (isTTY !== true || columns <= 0) return text;
  return text
    .split('\n')
    .flatMap((line) => wrapText(line, columns, 2))
    .join('\n');
}
