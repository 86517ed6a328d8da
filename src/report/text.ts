/** Text as a terminal gets it. */

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

/** At most `columns` characters, an ellipsis where something was cut off. */
export function truncateText(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

function breakWord(word: string, width: number): string[] {
  return word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}`, 'gsu')) ?? []);
}

/** What the widest of our tables needs beside a name. */
const BESIDE_NAME = 60;
const SHORTEST_NAME = 12;

/** A name that leaves a table its room: of one that is too long the middle is left out. */
export function fitName(name: string, columns: number): string {
  const room = Math.max(SHORTEST_NAME, columns - BESIDE_NAME);
  if (name.length <= room) return name;
  const head = Math.floor((room - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(head + 1 - room)}`;
}
