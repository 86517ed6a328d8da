/**
 * The one rule by which connstorm ends sessions: only its own. A session is "own" if all of this holds: its pid stands in
 * the BackendKeyData of one of our connections, its application_name ends with our mark (see session-mark.ts), its
 * database user is ours, and it began at `since` or later. The statement that sends the signal checks this: if another
 * session has got that pid meanwhile, the rest does not fit.
 */
export interface OwnBackends {
  /** As the server reported them. */
  pids: readonly number[];
  mark: string;
  /** Before the first of our sessions, by the server's clock: the answer to `CLOCK_QUERY`. */
  since: string;
}

/** Asks for the server's time. Its one row has `since`, a text. */
export const CLOCK_QUERY = 'SELECT pg_catalog.clock_timestamp()::text AS since';

/** Returns the statement that ends own sessions. Each row of its answer has `ended`: whether one was sent the signal. */
export function renderTermination({ pids, mark, since }: OwnBackends): string {
  const listed = pids.filter(Number.isSafeInteger).join(',');
  return `SELECT pg_catalog.pg_terminate_backend(pid) AS ended FROM pg_catalog.pg_stat_activity
  WHERE pid = ANY ('{${listed}}'::int[]) AND pid <> pg_catalog.pg_backend_pid()
    AND usename = current_user
    AND pg_catalog.right(application_name, ${mark.length}) = '${mark}'
    AND backend_start >= '${since}'::timestamptz`;
}
