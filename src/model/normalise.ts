/** What is kept of a message: servers may send any length. */
export const MAX_MESSAGE_CHARACTERS = 200;

/** Text in double quotes is a name and stays; ids are tried before numbers, which they contain. */
const PARTS =
  /("[^"]*")|\b(?=[a-z]?[0-9a-f]*\d)[a-z]?[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b|\d+(?:\.\d+)*/gi;

/**
 * What makes two messages the same: numbers become N, hexadecimal ids of 8 and more characters (with at least one
 * digit, and perhaps a letter before them, as Odyssey writes them) X. Quoted names stay.
 */
export function normaliseMessage(message: string): string {
  return message.replace(PARTS, (part, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted;
    return /^[\d.]+$/.test(part) ? 'N' : 'X';
  });
}
