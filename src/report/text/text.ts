/** Text as a terminal gets it. */

export { wrapText } from '../../wrap-text.ts';

/** At most `columns` characters, an ellipsis where something was cut off. */
export function truncateText(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
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
