import type { Failure } from './measures.ts';
import { RAISE, RAISE_ANY, type SlotLimit } from './slot-limits.ts';

/**
 * SQLSTATE too_many_connections. PostgreSQL, Odyssey, pgpool-II and pgagroal send it. Whatever the message is, no slot
 * was free.
 */
const NO_SLOTS = '53300';

/** One way to say that no slot is free. */
interface SlotRefusal {
  /** The program that says it. */
  by: string;
  /** A piece of the message that no other refusal has. The SQLSTATE is not looked at: see REFUSALS. */
  says: RegExp;
  /** The kind of limit that was reached. */
  limit: SlotLimit;
}

/**
 * The messages of full servers and poolers, and the limit that was reached. Each is one row; the first that matches
 * counts. The message decides, because a pooler's SQLSTATE says little: all of PgBouncer's own errors are 08P01, all of
 * Supavisor's XX000. PostgreSQL's messages may be in another language (lc_messages); then its 53300 is enough.
 *
 * A client that waits too long for a pool's connection (PgBouncer's query_wait_timeout, pgcat's 58000) is not listed:
 * the server behind the pooler may just as well be down. HAProxy at its limit closes without a byte, which cannot be
 * told from a server that is down.
 */
const REFUSALS: readonly SlotRefusal[] = [
  // PostgreSQL sends these, also when PgBouncer passes them on as 08P01.
  { by: 'PostgreSQL', says: /too many connections for role/i, limit: 'role' },
  { by: 'PostgreSQL', says: /too many connections for database/i, limit: 'database' },
  // Sent at num_init_children less reserved_connections. PostgreSQL begins the same words with a small letter.
  { by: 'pgpool-II', says: /^Sorry, too many clients already/, limit: 'pooler' },
  { by: 'PostgreSQL', says: /too many clients already/i, limit: 'server' },
  { by: 'PostgreSQL', says: /remaining connection slots are reserved/i, limit: 'server' },
  { by: 'PgBouncer', says: /no more connections allowed/i, limit: 'pgbouncer' },
  // Sent at max_db_client_connections or max_user_client_connections, since 1.24.
  { by: 'PgBouncer', says: /client connections exceeded/i, limit: 'pooler' },
  { by: 'Odyssey', says: /too many (?:client )?tcp connections/i, limit: 'pooler' },
  { by: 'Odyssey', says: /too many active clients/i, limit: 'pooler' },
  { by: 'pgagroal', says: /connection pool is full/i, limit: 'pooler' },
  // In session mode each client takes a server connection, so the pool's size is the limit.
  { by: 'Supavisor', says: /max clients (?:reached|are limited)/i, limit: 'pool' },
  { by: 'Supavisor', says: /\bEMAXCONN\b|max client connections reached/i, limit: 'pooler' },
];

/** Returns whether a connect was refused because no slot was free, by the server or by a pooler before it. */
export function isSlotRefusal({ layer, code, message }: Failure): boolean {
  if (layer !== 'server') return false;
  return code === NO_SLOTS || findLimit(message) !== undefined;
}

/** Returns whether a pooler says that it has no slot free. Then a pooler is in between, whatever logins showed. */
export function isPoolersRefusal(message: string): boolean {
  const limit = findLimit(message);
  return limit !== undefined && POOLERS.has(limit);
}

/** Returns how to make room after a connect was refused because no slot was free, judged by the message. */
export function adviseOnSlots(message: string): string {
  const limit = findLimit(message);
  return limit === undefined ? RAISE_ANY : RAISE[limit];
}

/** Limits that only poolers have. */
const POOLERS: ReadonlySet<SlotLimit> = new Set(['pgbouncer', 'pooler', 'pool']);

function findLimit(message: string): SlotLimit | undefined {
  return REFUSALS.find(({ says }) => says.test(message))?.limit;
}
