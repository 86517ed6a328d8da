import type { Socket } from 'node:net';
import type pg from 'pg';
import { readMonotonicUs } from '../../clock.ts';
import { AGE_QUERY, parseAge } from '../../drivers/protocol/server-times.ts';
import { type OnUnanswered, query } from './ask-server.ts';

/**
 * Tolerance for the difference of two clocks over the seconds of a login. Only beyond it a backend counts as older than
 * its connection.
 */
const CLOCKS_DIFFER_US = 10_000;

/** What two logins in a row showed of the backend at the other end of the second login. */
export interface SeenBackend {
  /** Pid that the server reports for the backend; null: it reports none. */
  backendPid: number | null;
  /** Pid in BackendKeyData of the second login; `formerKeyPid`: of the first. null: none came. */
  keyPid: number | null;
  formerKeyPid: number | null;
  /** Age of the backend by the server's clock, in microseconds; undefined: the server does not report it. */
  ageUs: number | undefined;
  /** Time from the second login's connect() until the age was reported, in microseconds. */
  elapsedUs: number;
  /** Local port of the second login's TCP connection; null on a Unix socket. */
  ownPort: number | null;
  /** Port of the client that the backend sees; null: it sees no TCP connection; undefined: it does not report it. */
  seenPort: number | null | undefined;
}

export interface JudgedBackend {
  /** Whether a pooler is in between; null: unknown. */
  pooler: boolean | null;
  /**
   * Whether the backend's client is not connstorm's end of the connection. True only if nothing else shows a pooler.
   */
  between: boolean;
}

/**
 * Judges whether a pooler is in between. Most poolers invent the pid that they send to a client. pgpool-II passes on
 * the backend's own pid. A pooler is then proven by a backend that is older than the connection, or that the login
 * before used, too.
 *
 * If pgpool-II's pool is empty, each login has a new backend. Then only one thing shows: the backend's client is not
 * connstorm's end of the connection. A proxy (HAProxy, docker-proxy, an SSH tunnel) or address translation looks the
 * same, so the answer is unknown.
 *
 * One kind of pooler stays undetected: it passes on the pid, has a new backend for each login, and happens to use
 * connstorm's port. A server that sends no BackendKeyData may be a pooler (RDS Proxy) or not.
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
 * Asks the backend behind `client`, which began to connect at `sinceUs` of the monotonic clock. `onUnanswered` is
 * called if the first question got no answer.
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
  // The pid from BackendKeyData. @types/pg lacks it, and the stream.
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

/**
 * The port that the backend sees; null on a Unix socket (https://www.postgresql.org/docs/current/functions-info.html).
 */
const PORT_QUERY = 'SELECT pg_catalog.inet_client_port() AS client_port';

/** Reads the port. Some compatible servers have the function and return 0 because they do not know the port. */
function parsePort(port: unknown): number | null | undefined {
  if (port === null) return null;
  return typeof port === 'number' && port > 0 ? port : undefined;
}
