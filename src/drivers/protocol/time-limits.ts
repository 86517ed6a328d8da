/**
 * Statements that lift the limits on time that a database user or a server sets, for a question of connstorm's own.
 * They stand before the question in the same simple query, and hold until its end. So they also work behind a pooler in
 * transaction mode, and leave nothing behind on a connection that other clients get next. SET looks nothing up, so even
 * a limit of one millisecond lets it pass. transaction_timeout came with PostgreSQL 17, current_setting(name,
 * missing_ok) with 9.6.
 */
const LIFT_LIMITS =
  'SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; ' +
  "SELECT CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL THEN set_config('transaction_timeout', '0', true) END; ";

/** The canary's query behind a pooler, which would refuse options in the login. */
export const UNLIMITED_CANARY = 'SET LOCAL statement_timeout = 0; SELECT 1';

/** Returns `question` without limits on its time. */
export function liftLimits(question: string): string {
  return `${LIFT_LIMITS}${question}`;
}

/** Settings that limit a session's time, each with the major version that introduced it. */
const SESSION_LIMITS: readonly (readonly [name: string, since: number])[] = [
  ['statement_timeout', 9],
  ['lock_timeout', 10],
  ['idle_in_transaction_session_timeout', 10],
  ['idle_session_timeout', 14],
  ['transaction_timeout', 17],
];

/**
 * Returns login options that lift every limit on a session's time, for a server of this version (such as `18.4`);
 * undefined if the version is not known. Send them only to a server: a pooler refuses options that it does not know.
 */
export function renderUnlimited(version: string | null): string | undefined {
  const major = Number.parseInt(version ?? '', 10);
  if (Number.isNaN(major)) return undefined;
  const known = SESSION_LIMITS.filter(([, since]) => major >= since);
  return known.map(([name]) => `-c ${name}=0`).join(' ');
}

/**
 * Returns whether an error may be an answer to options that the server does not know. No known version of Postgres
 * gives one to options of its own.
 */
export function refusesOptions(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(0A|22|28|42|08P01|XX)[0-9A-Z]*$/.test(code);
}
