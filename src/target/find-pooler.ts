import type pg from 'pg';
import { readMonotonicUs } from '../clock.ts';
import { AGE_QUERY, parseAge } from '../drivers/server-times.ts';
import { query } from './ask-server.ts';

/** How far two clocks may be apart over the seconds of a login before a backend counts as older than its connection. */
const CLOCKS_DIFFER_US = 10_000;

/** What two logins in a row, ours first, showed of the backend at the other end of the second one. */
export interface SeenBackend {
  /** As the server calls it; null: it does not tell. */
  backendPid: number | null;
  /** From BackendKeyData: of the second login, and of the one before; null: none came. */
  keyPid: number | null;
  formerKeyPid: number | null;
  /** How long the backend has been there, by the server's clock; undefined: it does not tell. */
  ageUs: number | undefined;
  /** Since the second login's connect(), when the age was told. */
  elapsedUs: number;
}

/**
 * Whether a pooler is in between; null: cannot be told. Most poolers make up the pid that they send a client. pgpool-II
 * hands on the backend's own: then a backend proves it that is older than the connection, or that the login before had,
 * too. Where its pool is cold each login has a new backend, and it looks like a bare server. A server that sends no
 * BackendKeyData may be a pooler (RDS Proxy) or not.
 */
export function judgePooler(seen: SeenBackend): boolean | null {
  const { backendPid, keyPid, formerKeyPid, ageUs = 0, elapsedUs } = seen;
  if (ageUs > elapsedUs + CLOCKS_DIFFER_US) return true;
  if (backendPid === null || keyPid === null) return null;
  return keyPid !== backendPid || keyPid === formerKeyPid;
}

/** Asks the backend behind `client`, which began to connect at `sinceUs` of the monotonic clock. */
export async function findPooler(
  client: pg.Client,
  { sinceUs, formerKeyPid }: { sinceUs: number; formerKeyPid: number | null },
): Promise<{ pooler: boolean | null; backendPid: number | null }> {
  const pids = await query<{ pid: unknown }>(client, 'SELECT pg_backend_pid() AS pid');
  const pid = Number(pids[0]?.pid ?? Number.NaN);
  const backendPid = Number.isInteger(pid) ? pid : null;
  const ages = await query<{ age_us?: unknown }>(client, AGE_QUERY);
  const elapsedUs = readMonotonicUs() - sinceUs;
  // From BackendKeyData; missing in @types/pg.
  const { processID } = client as pg.Client & { processID?: number | null };
  const ageUs = parseAge(ages[0]?.age_us);
  const seen = { backendPid, keyPid: processID ?? null, formerKeyPid, ageUs, elapsedUs };
  return { pooler: judgePooler(seen), backendPid };
}
