/** What bounds connections: max_connections of the server, the CONNECTION LIMIT of the role or the database, or a pooler. */
export type SlotLimit = 'server' | 'role' | 'database' | 'pooler';

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
  pooler: "raise the pooler's max_client_conn",
} as const satisfies Record<SlotLimit, string>;

/** The same where it is not known which of them it is. */
export const RAISE_ANY = 'raise max_connections, or the limit of the role or database';

/** In the words of PostgreSQL and PgBouncer; PostgreSQL's come in other languages too (lc_messages). */
const WORDS: readonly (readonly [RegExp, SlotLimit])[] = [
  [/too many connections for role/i, 'role'],
  [/too many connections for database/i, 'database'],
  [/too many clients already|remaining connection slots are reserved/i, 'server'],
  [/max_client_conn|no more connections allowed/i, 'pooler'],
];

/** How to make room where a connect was refused for want of slots, by the message. */
export function adviseOnSlots(message: string): string {
  const limit = WORDS.find(([words]) => words.test(message))?.[1];
  return limit === undefined ? RAISE_ANY : RAISE[limit];
}
