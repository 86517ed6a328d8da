import type { Socket } from 'node:net';
import type pg from 'pg';
import { readMonotonicUs } from '../../clock.ts';
import { AGE_QUERY, parseAge } from '../../drivers/protocol/server-times.ts';
import { type OnUnanswered, query } from './ask-server.ts';

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
  /** Of the second login's TCP connection, at our end; null: it has none, on a Unix socket. */
  ownPort: number | null;
  /** Where that comes from as the backend sees it; null: no TCP connection. undefined: it does not tell. */
  seenPort: number | null | undefined;
}

export interface JudgedBackend {
  /** Whether a pooler is in between; null: cannot be told. */
  pooler: boolean | null;
  /** As in the result: only where nothing else shows a pooler. */
  between: boolean;
}

/**
 * Most poolers make up the pid that they send a client. pgpool-II hands on the backend's own: then a backend proves it that is
 * older than the connection, or that the login before had, too. Where its pool is cold each login has a new backend, and all
 * that shows is that the backend's client is not at our end of the connection. Such is also what a proxy (HAProxy, docker-proxy,
 * an SSH tunnel) or address translation makes of a bare server: so it is not known what stands there. What stays unseen is a
 * pooler that hands on the pid, has a new backend for each login, and whose port happens to be ours. A server that sends no
 * BackendKeyData may be a pooler (RDS Proxy) or not.
 */
export function judgeBackend(seen: SeenBackend): JudgedBackend {
  const { ownPort, seenPort } = seen;
  const pooler = judgePooler(seen);
  const between = pooler === false && seenPort !== undefined && seenPort !== ownPort;
  return { pooler: between ? null : pooler, between };
}

function judgePooler(seen: SeenBackend): boolean | null {
  const { backendPid, keyPid, formerKeyPid, ageUs = 0, elapsedUs } = seen;
  if (ageUs > elapsedUs + CLOCKS_DIFFER_US) return true;
  if (backendPid === null || keyPid === null) return null;
  return keyPid !== backendPid || keyPid === formerKeyPid;
}

/**
 * Asks the backend behind `client`, which began to connect at `sinceUs` of the monotonic clock. `onUnanswered`: told why the
 * first question got no answer.
 */
export async function findPooler(
  client: pg.Client,
  { sinceUs, formerKeyPid }: { sinceUs: number; formerKeyPid: number | null },
  onUnanswered?: OnUnanswered,
): Promise<JudgedBackend & { backendPid: number | null }> {
  const pids = await query<{ pid: unknown }>(
    client,
    'SELECT pg_backend_pid() AS pid',
    onUnanswered,
  );
  const pid = Number(pids[0]?.pid ?? Number.NaN);
  const backendPid = Number.isInteger(pid) ? pid : null;
  const ages = await query<{ age_us?: unknown }>(client, AGE_QUERY);
  const elapsedUs = readMonotonicUs() - sinceUs;
  const ports = await query<{ client_port?: unknown }>(client, PORT_QUERY);
  // From BackendKeyData; it and the stream are missing in @types/pg.
  const { processID, connection } = client as pg.Client & {
    processID?: number | null;
    connection?: { stream?: Socket };
  };
  const judged = judgeBackend({
    backendPid,
    keyPid: processID ?? null,
    formerKeyPid,
    ageUs: parseAge(ages[0]?.age_us),
    elapsedUs,
    ownPort: connection?.stream?.localPort ?? null,
    seenPort: parsePort(ports[0]?.client_port),
  });
  return { ...judged, backendPid };
}

/** null on a Unix socket (https://www.postgresql.org/docs/current/functions-info.html). */
const PORT_QUERY = 'SELECT pg_catalog.inet_client_port() AS client_port';

/** Kin of Postgres that have the function and nothing to tell say 0. */
function parsePort(port: unknown): number | null | undefined {
  if (port === null) return null;
  return typeof port === 'number' && port > 0 ? port : undefined;
}
