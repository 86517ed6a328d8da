/** The database name of PgBouncer's console. It speaks only the simple protocol. */
export const PGBOUNCER_CONSOLE = 'pgbouncer';

/**
 * A row of one of its SHOW commands by column name, because PgBouncer's versions differ in columns and their order.
 */
export type ConsoleRow = Record<string, unknown>;

/** Returns a count from the rows of SHOW LISTS (a name and a count each); undefined if there is none. */
export function readListed(rows: readonly ConsoleRow[], list: string): number | undefined {
  const items = rows.find((row) => row.list === list)?.items;
  return items == null ? undefined : Number(items);
}
