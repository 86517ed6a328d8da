/**
 * One field of an ErrorResponse's or NoticeResponse's payload, by its letter; '' where it is missing. The payload: a
 * byte naming the field, a C string, ... NUL (https://www.postgresql.org/docs/18/protocol-error-fields.html).
 */
export function readField(
  buffer: Buffer,
  start: number,
  end: number,
  letter: string,
  encoding: 'latin1' | 'utf8' = 'latin1',
): string {
  const wanted = letter.charCodeAt(0);
  for (let at = start; at < end && buffer[at] !== 0; ) {
    const nul = buffer.indexOf(0, at + 1);
    const stop = nul === -1 || nul > end ? end : nul;
    if (buffer[at] === wanted) return buffer.toString(encoding, at + 1, stop);
    at = stop + 1;
  }
  return '';
}
