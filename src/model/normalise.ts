/** The most characters of a message that are kept: servers may send any length. */
export const MAX_MESSAGE_CHARACTERS = 200;

/** Text in double quotes is a name and stays. Ids are tried before numbers, because they contain numbers. */
const PARTS =
  /("[^"]*")|\b(?=[a-z]?[0-9a-f]*\d)[a-z]?[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b|\d+(?:\.\d+)*/gi;

/**
 * Returns a message without the parts in which messages of one kind differ. Numbers become N. Hexadecimal ids of 8 or
 * more characters become X; they have at least one digit, and may have a letter before them, as in Odyssey. Quoted
 * names stay.
 */
export function normaliseMessage(message: string): string {
  return message.replace(PARTS, (part, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted;
    return /^[\d.]+$/.test(part) ? 'N' : 'X';
  });
}
