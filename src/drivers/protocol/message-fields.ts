/** The severity of an error or notice. ERROR leaves a connection as it was; FATAL and PANIC end it. */
export type Severity = (typeof SEVERITIES)[number];

const SEVERITIES = [
  'DEBUG',
  'LOG',
  'INFO',
  'NOTICE',
  'WARNING',
  'ERROR',
  'FATAL',
  'PANIC',
] as const;

/**
 * Returns the severity in an ErrorResponse's or NoticeResponse's payload; undefined if it is missing or translated.
 * Field V is never translated. Before PostgreSQL 9.6, and from PgBouncer, there is only field S.
 */
export function readSeverity(buffer: Buffer, start: number, end: number): Severity | undefined {
  const said = readField(buffer, start, end, 'V') || readField(buffer, start, end, 'S');
  return findSeverity(said);
}

/** Returns the severity that `text` names; undefined if it names none, or a translated one. */
export function findSeverity(text: string | undefined): Severity | undefined {
  return SEVERITIES.find((severity) => severity === text);
}

/**
 * Returns one field of an ErrorResponse's or NoticeResponse's payload, by its letter; '' if it is missing. Each field
 * of the payload is a byte that names it, and a C string. A NUL ends the payload
 * (https://www.postgresql.org/docs/18/protocol-error-fields.html).
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

/**
 * Returns the first value of a DataRow's payload, as text: a count of columns, then a length and a text for each.
 * undefined: there is none, it is empty, or it is cut off.
 */
export function readFirstValue(buffer: Buffer, start: number, end: number): string | undefined {
  if (end - start < 6) return undefined;
  const length = buffer.readInt32BE(start + 2);
  if (length < 1 || start + 6 + length > end) return undefined;
  return buffer.toString('latin1', start + 6, start + 6 + length);
}
