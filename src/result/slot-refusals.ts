import type { Failure } from './measures.ts';

/** too_many_connections; Odyssey sends it too. */
const NO_SLOTS = '53300';

/** What poolers say when they are full: their SQLSTATEs alone tell nothing (PgBouncer's own errors are all 08P01). */
const FULL_POOLERS = [
  // PgBouncer, also where it passes a server's 53300 on.
  /no more connections allowed/i,
  /too many (?:clients already|connections for)/i,
  /remaining connection slots are reserved/i,
  // Odyssey.
  /too many tcp connections/i,
  /too many active clients/i,
  // pgagroal.
  /connection pool is full/i,
];

/** Whether a connect was refused for want of slots, by the server or by a pooler before it. */
export function isSlotRefusal({ layer, code, message }: Failure): boolean {
  if (layer !== 'server') return false;
  return code === NO_SLOTS || FULL_POOLERS.some((pattern) => pattern.test(message));
}
