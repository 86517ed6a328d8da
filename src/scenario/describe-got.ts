/**
 * Inserts what was got after what is wrong, before any advice: `must be wire or pg, got "wir"; did you mean ...`.
 * `text`: the text of a problem; what follows a colon or semicolon in it explains or advises.
 */
export function describeGot(text: string, got: string): string {
  const at = text.search(/[:;] /);
  return at < 0 ? `${text}, got ${got}` : `${text.slice(0, at)}, got ${got}${text.slice(at)}`;
}
