import type { Failure } from './measures.ts';
import { RAISE, RAISE_ANY, type SlotLimit } from './slot-limits.ts';

/** too_many_connections. PostgreSQL, Odyssey, pgpool-II and pgagroal send it; whatever the words are, no slot was free. */
const NO_SLOTS = '53300';

/** One way to say that no slot is free. */
interface SlotRefusal {
  /** Who says it. */
  by: string;
  /** A piece of the message that no other refusal has. SQLSTATEs are not looked at: see REFUSALS. */
  says: RegExp;
  /** What bounds connections there. */
  limit: SlotLimit;
}

/**
 * What servers and poolers say when they are full, and whose limit it is: one row for each way, the first that fits counts.
 * The words decide, because a pooler's SQLSTATE says little: all errors of PgBouncer's own are 08P01, all of Supavisor's
 * XX000. Conversely PostgreSQL's words come in other languages (lc_messages), and then its 53300 has to do.
 *
 * Who waits too long for a connection of the pool (PgBouncer's query_wait_timeout, pgcat's 58000) is not listed: the server
 * behind it may be down just as well. HAProxy at its limit closes without a byte, which nothing tells from a server that is down.
 */
const REFUSALS: readonly SlotRefusal[] = [
  // PostgreSQL, also where PgBouncer passes it on as 08P01.
  { by: 'PostgreSQL', says: /too many connections for role/i, limit: 'role' },
  { by: 'PostgreSQL', says: /too many connections for database/i, limit: 'database' },
  // At num_init_children less reserved_connections. PostgreSQL begins the same words with a small letter.
  { by: 'pgpool-II', says: /^Sorry, too many clients already/, limit: 'pooler' },
  { by: 'PostgreSQL', says: /too many clients already/i, limit: 'server' },
  { by: 'PostgreSQL', says: /remaining connection slots are reserved/i, limit: 'server' },
  { by: 'PgBouncer', says: /no more connections allowed/i, limit: 'pgbouncer' },
  // By max_db_client_connections or max_user_client_connections, since 1.24.
  { by: 'PgBouncer', says: /client connections exceeded/i, limit: 'pooler' },
  { by: 'Odyssey', says: /too many (?:client )?tcp connections/i, limit: 'pooler' },
  { by: 'Odyssey', says: /too many active clients/i, limit: 'pooler' },
  { by: 'pgagroal', says: /connection pool is full/i, limit: 'pooler' },
  // In session mode each client takes a server connection: the pool's size is the limit.
  { by: 'Supavisor', says: /max clients (?:reached|are limited)/i, limit: 'pool' },
  { by: 'Supavisor', says: /\bEMAXCONN\b|max client connections reached/i, limit: 'pooler' },
];

/** Whether a connect was refused because no slot was free, by the server or by a pooler before it. */
export function isSlotRefusal({ layer, code, message }: Failure): boolean {
  if (layer !== 'server') return false;
  return code === NO_SLOTS || findLimit(message) !== undefined;
}

/** Whether a pooler says that no slot of its own is free: then one is in between, whatever logins showed. */
export function isPoolersRefusal(message: string): boolean {
  const limit = findLimit(message);
  return limit !== undefined && POOLERS.has(limit);
}

/** How to make room where a connect was refused because no slot was free, by the message. */
export function adviseOnSlots(message: string): string {
  const limit = findLimit(message);
  return limit === undefined ? RAISE_ANY : RAISE[limit];
}

/** Limits that only a pooler has. */
const POOLERS: ReadonlySet<SlotLimit> = new Set(['pgbouncer', 'pooler', 'pool']);

function findLimit(message: string): SlotLimit | undefined {
  return REFUSALS.find(({ says }) => says.test(message))?.limit;
}
