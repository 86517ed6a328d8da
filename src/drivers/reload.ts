/** Makes the server read its configuration again. The postmaster then signals all of its processes. */
export const RELOAD = 'SELECT pg_catalog.pg_reload_conf()';

/** Asks whether the database user may do that. The row goes to `adviseOnReload`. */
export const MAY_RELOAD =
  "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_reload_conf()', 'EXECUTE') AS may, pg_catalog.quote_ident(current_user) AS who";

/** Returns what would allow it, for the end of a message; undefined: the database user may reload. */
export function adviseOnReload(row: Record<string, unknown> | undefined): string | undefined {
  if (row?.may === true) return undefined;
  return `a superuser can allow it in this database with GRANT EXECUTE ON FUNCTION pg_reload_conf() TO ${row?.who}`;
}
