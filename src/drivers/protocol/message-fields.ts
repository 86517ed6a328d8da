/** How grave a server calls what it says. ERROR leaves a connection as it was, FATAL and PANIC end it. */
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
 * The severity of an ErrorResponse's or NoticeResponse's payload. Field V is never translated; before PostgreSQL 9.6, and
 * from PgBouncer, there is only S. undefined: it is missing, or translated.
 */
export function readSeverity(buffer: Buffer, start: number, end: number): Severity | undefined {
  const said = readField(buffer, start, end, 'V') || readField(buffer, start, end, 'S');
  return findSeverity(said);
}

/** undefined for what is none, a translated one among them. */
export function findSeverity(text: string | undefined): Severity | undefined {
  return SEVERITIES.find((severity) => severity === text);
}

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
