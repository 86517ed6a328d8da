import { escapeControls } from '../controls.ts';
import { maskSecrets } from '../secrets.ts';

const MOST_CHARACTERS = 200;

/** Returns a statement for people: in quotes, in one line, without passwords, and cut after 200 characters with a mark. */
export function quoteStatement(text: string): string {
  const shown = Array.from(escapeControls(maskSecrets(text)));
  if (shown.length <= MOST_CHARACTERS) return `"${shown.join('')}"`;
  const rest = shown.length - MOST_CHARACTERS;
  return `"${shown.slice(0, MOST_CHARACTERS).join('')}"... (${rest} more characters)`;
}
