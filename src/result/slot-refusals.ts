import type { Failure } from './measures.ts';
import { RAISE, RAISE_ANY, type SlotLimit } from './slot-limits.ts';

/** too_many_connections; Odyssey sends it too. */
const NO_SLOTS = '53300';

/**
 * What servers and poolers say when they are full, and whose limit it is. Poolers' SQLSTATEs alone tell nothing
 * (PgBouncer's own errors are all 08P01); PostgreSQL's words come in other languages too (lc_messages).
 */
const REFUSALS: readonly (readonly [RegExp, SlotLimit])[] = [
  // PostgreSQL, also where PgBouncer passes its 53300 on.
  [/too many connections for role/i, 'role'],
  [/too many connections for database/i, 'database'],
  [/too many clients already|remaining connection slots are reserved/i, 'server'],
  [/no more connections allowed/i, 'pgbouncer'],
  // PgBouncer too, by max_db_client_connections or max_user_client_connections (1.24).
  [/client connections exceeded/i, 'pooler'],
  // Odyssey.
  [/too many (?:tcp connections|active clients)/i, 'pooler'],
  // pgagroal.
  [/connection pool is full/i, 'pooler'],
];

/** Whether a connect was refused for want of slots, by the server or by a pooler before it. */
export function isSlotRefusal({ layer, code, message }: Failure): boolean {
  if (layer !== 'server') return false;
  return code === NO_SLOTS || findLimit(message) !== undefined;
}

/** How to make room where a connect was refused for want of slots, by the message. */
export function adviseOnSlots(message: string): string {
  const limit = findLimit(message);
  return limit === undefined ? RAISE_ANY : RAISE[limit];
}

function findLimit(message: string): SlotLimit | undefined {
  return REFUSALS.find(([words]) => words.test(message))?.[1];
}
