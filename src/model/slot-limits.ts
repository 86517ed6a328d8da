/**
 * The limits of connections: the server's max_connections, the CONNECTION LIMIT of the database user or the database,
 * PgBouncer's max_client_conn, the client limit of another pooler, or the size of a pooler's pool.
 */
export type SlotLimit = 'server' | 'role' | 'database' | 'pgbouncer' | 'pooler' | 'pool';

/** The limit of the database user or the database, if it leaves fewer slots than the server does. */
export interface LowerLimit {
  of: Extract<SlotLimit, 'role' | 'database'>;
  /** CONNECTION LIMIT. */
  limit: number;
  /** The number of these slots that are taken now. */
  used: number;
}

/** Advice on how to make more room, by the kind of limit. */
export const RAISE = {
  server: 'raise max_connections',
  role: "raise the role's connection limit",
  database: "raise the database's connection limit",
  pgbouncer: "raise the pooler's max_client_conn",
  pooler: "raise the pooler's client limit",
  pool: "raise the pooler's pool size",
} as const satisfies Record<SlotLimit, string>;

/** Advice on how to make more room if the kind of limit is not known. */
export const RAISE_ANY = 'raise max_connections, or the limit of the role or database';
