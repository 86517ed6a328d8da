/**
 * What bounds connections: max_connections of the server, the CONNECTION LIMIT of the role or the database, PgBouncer's
 * max_client_conn, the client limit of any other pooler, or the size of a pooler's pool.
 */
export type SlotLimit = 'server' | 'role' | 'database' | 'pgbouncer' | 'pooler' | 'pool';

/** The limit of the role or the database, where it leaves less than the server does. */
export interface LowerLimit {
  of: Extract<SlotLimit, 'role' | 'database'>;
  /** CONNECTION LIMIT. */
  limit: number;
  /** Of these, taken now. */
  used: number;
}

/** How more room is made, by what bounds it. */
export const RAISE = {
  server: 'raise max_connections',
  role: "raise the role's connection limit",
  database: "raise the database's connection limit",
  pgbouncer: "raise the pooler's max_client_conn",
  pooler: "raise the pooler's client limit",
  pool: "raise the pooler's pool size",
} as const satisfies Record<SlotLimit, string>;

/** The same where it is not known which of them it is. */
export const RAISE_ANY = 'raise max_connections, or the limit of the role or database';
