/** Text for a terminal. */

export { wrapText } from '../../wrap-text.ts';

/** Returns at most `columns` characters, with an ellipsis if text was cut off. */
export function truncateText(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

/** Width that the widest table needs beside a name. */
const BESIDE_NAME = 60;
const SHORTEST_NAME = 12;

/** Returns a name that leaves room for a table. The middle of a long name is left out. */
export function fitName(name: string, columns: number): string {
  const room = Math.max(SHORTEST_NAME, columns - BESIDE_NAME);
  if (name.length <= room) return name;
  const head = Math.floor((room - 1) / 2);
  return `${name.slice(0, head)}…${name.slice(head + 1 - room)}`;
}
