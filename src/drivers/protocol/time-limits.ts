/**
 * How connstorm's own questions go beyond a role's or server's limits on time. They stand before a question in the same
 * simple query, and hold until its end: so they hold behind a pooler in transaction mode too, and leave nothing behind on a
 * connection that others are given next. SET looks nothing up: even a limit of a millisecond lets it through.
 * transaction_timeout came with PostgreSQL 17, current_setting(name, missing_ok) with 9.6.
 */
const LIFT_LIMITS =
  'SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0; ' +
  "SELECT CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL THEN set_config('transaction_timeout', '0', true) END; ";

/** The canary's question behind a pooler, where options of the login would be refused. */
export const UNLIMITED_CANARY = 'SET LOCAL statement_timeout = 0; SELECT 1';

/** `question` without limits on its time. */
export function liftLimits(question: string): string {
  return `${LIFT_LIMITS}${question}`;
}

/** Settings that limit a session's time, and the version that they came with. */
const SESSION_LIMITS: readonly (readonly [name: string, since: number])[] = [
  ['statement_timeout', 9],
  ['lock_timeout', 10],
  ['idle_in_transaction_session_timeout', 10],
  ['idle_session_timeout', 14],
  ['transaction_timeout', 17],
];

/**
 * Options of a login that lift every limit on a session's time, for a server of this version (`18.4`); undefined where it is
 * not known. To a server alone: a pooler refuses options that it does not know.
 */
export function renderUnlimited(version: string | null): string | undefined {
  const major = Number.parseInt(version ?? '', 10);
  if (Number.isNaN(major)) return undefined;
  const known = SESSION_LIMITS.filter(([, since]) => major >= since);
  return known.map(([name]) => `-c ${name}=0`).join(' ');
}

/** Whether an error may be a server's answer to options that it does not know: to none of Postgres's own, of versions that are known. */
export function refusesOptions(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(0A|22|28|42|08P01|XX)[0-9A-Z]*$/.test(code);
}
