import { createSideClient, findBreak } from '../../drivers/side-client.ts';
import {
  type ConsoleRow,
  PGBOUNCER_CONSOLE,
  readListed,
} from '../../model/poolers/pgbouncer-console.ts';
import type { ServerFindings } from '../../result/records/target.ts';
import type { Target } from '../target.ts';
import { describeTrouble, type KnownLogin } from './ask-server.ts';

/** How many clients a pooler accepts, or why that is not known. */
export type ClientLimit = Pick<ServerFindings, 'clients'> & { unread?: string };

/**
 * Asks PgBouncer's console how many clients it accepts and has. Never throws. A database user may ask that PgBouncer
 * lists in stats_users or admin_users. Another pooler has no such console.
 */
export async function readClientLimit(
  target: Target,
  { tls }: KnownLogin,
  timeoutUs: number,
): Promise<ClientLimit> {
  const endpoint = { ...target, database: PGBOUNCER_CONSOLE };
  const side = createSideClient(endpoint, tls !== null, timeoutUs);
  try {
    await side.client.connect();
    const config = await side.query('SHOW CONFIG');
    return parseClientLimit(config, await side.query('SHOW LISTS'));
  } catch (error) {
    return { unread: describeTrouble(findBreak(side.client) ?? error) };
  } finally {
    await side.end();
  }
}

/**
 * Reads the answers to SHOW CONFIG (`key`, `value`) and SHOW LISTS. PgBouncer counts every client, those of the console
 * too (used_clients), and the one that asks is about to end. If several processes share the port, the answers are those
 * of one process, and each has this limit. Limits of one user or one database, which newer versions have, are not read.
 */
export function parseClientLimit(
  config: readonly ConsoleRow[],
  lists: readonly ConsoleRow[],
): ClientLimit {
  const max = Number(config.find(({ key }) => key === 'max_client_conn')?.value ?? Number.NaN);
  const all = readListed(lists, 'used_clients') ?? Number.NaN;
  if (!Number.isInteger(max) || !Number.isInteger(all)) return { unread: NO_NUMBERS };
  return { clients: { max, used: Math.max(0, all - 1) } };
}

const NO_NUMBERS = 'its console does not report max_client_conn';
