import type pg from 'pg';
import { readReportedState } from '../../drivers/login/session-attrs.ts';
import { findBreak } from '../../drivers/side-client.ts';
import type { LoginResult } from '../../drivers/try-login.ts';
import type { LowerLimit } from '../../model/slot-limits.ts';
import { findPostmaster } from '../../probes/proc/postmaster.ts';
import type { ServerFindings } from '../../result/records/target.ts';
import type { Target } from '../target.ts';
import { ask, askServer, isRefusal, type KnownLogin, query } from './ask-server.ts';
import { findPooler } from './find-pooler.ts';
import type { Slots } from './limits.ts';
import { isLocal } from './safety.ts';

export interface Inspection {
  /** Settings as `SHOW` prints them. Settings that this role may not see are missing. */
  settings: Record<string, string>;
  slots: Slots | null;
  limits: LoginLimits | null;
  pooler: boolean | null;
  /** See ServerFindings. */
  between: boolean;
  /** Whether the server is a standby; null if it does not report it. */
  standby: boolean | null;
  /** See ServerFindings; null if the role may not ask, or the server does not know. */
  instance: string | null;
  postmasterPid: number | null;
  /** Sessions that it opened. */
  sessions: number;
  /** See ServerFindings. */
  unread: ServerFindings['unread'];
  /** Why the first question was not answered, or the login for it refused, although the storm's login was accepted. */
  unanswered?: string;
}

/** CONNECTION LIMIT of the role and the database (-1 without one), and how many connections they have now. */
export interface LoginLimits {
  superuser: boolean;
  role: { limit: number; used: number };
  database: { limit: number; used: number };
}

type AcceptedLogin = Extract<LoginResult, { ok: true }>;

/** Settings that affect how many connections a server accepts, how fast, and how clients log in. */
const SETTINGS = [
  'server_version',
  'max_connections',
  'superuser_reserved_connections',
  'reserved_connections',
  'shared_buffers',
  'huge_pages',
  'huge_pages_status',
  'log_connections',
  'log_disconnections',
  'log_hostname',
  'pre_auth_delay',
  'authentication_timeout',
  'password_encryption',
  'ssl',
  'shared_preload_libraries',
  'session_preload_libraries',
  'local_preload_libraries',
  'max_worker_processes',
];

// The view leaves out settings that the role may not see (shared_preload_libraries). SHOW would fail for them.
const SETTINGS_QUERY = `SELECT name, current_setting(name) AS value
  FROM pg_settings WHERE name IN (${SETTINGS.map((name) => `'${name}'`).join(', ')})`;

/**
 * Identifies a running server. A standby has the system_identifier of its primary (pg_basebackup copies it); the start
 * time tells the two apart. The time is in UTC, whatever the session's TimeZone is.
 */
const INSTANCE_QUERY = `SELECT system_identifier || '/'
    || to_char(pg_postmaster_start_time() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS instance
  FROM pg_control_system()`;

/**
 * Returns the query for slots. Ordinary roles do not see backend_type of others' sessions, but they see datid: it tells
 * client backends from the server's own processes well enough. This connection and that of the login are not counted:
 * both end before the storm.
 */
function createSlotsQuery(loginPid: number | null): string {
  return `SELECT r.rolsuper AS superuser, r.rolconnlimit AS role_limit, d.datconnlimit AS database_limit,
      count(a.pid)::int AS used,
      (count(a.pid) FILTER (WHERE a.usesysid = r.oid))::int AS role_used,
      (count(a.pid) FILTER (WHERE a.datid = d.oid))::int AS database_used
    FROM pg_roles r JOIN pg_database d ON d.datname = current_database()
      LEFT JOIN pg_stat_activity a ON a.datid IS NOT NULL
        AND coalesce(a.backend_type, 'client backend') = 'client backend'
        AND a.pid NOT IN (pg_backend_pid(), ${loginPid ?? 0})
    WHERE r.rolname = session_user
    GROUP BY r.rolsuper, r.rolconnlimit, d.datconnlimit`;
}

/**
 * The answer of the slots query. Servers that are compatible with Postgres may send a number as text, or not at all, so
 * the fields are read with care.
 */
export interface SlotsRow {
  superuser: boolean;
  /** Connections this role may have; -1 without a limit. */
  role_limit: number;
  database_limit: number;
  used: number;
  role_used: number;
  database_used: number;
}

/**
 * Reads what the server reports of itself, over one connection of the pg library. Never throws. An ordinary role may
 * ask all of it. A server may leave all of it unanswered (some poolers and compatible servers do).
 */
export async function inspectServer(
  target: Target,
  login: AcceptedLogin,
  timeoutUs: number,
): Promise<Inspection> {
  let nothing: Inspection = NOTHING_FOUND;
  let sessions = 0;
  const found = await askServer(
    target,
    login,
    timeoutUs,
    (client, sinceUs) => {
      sessions = 1;
      return readInspection(client, sinceUs, { target, login });
    },
    (why, error) => {
      nothing = findNothing(why, isRefusal(error));
    },
  );
  return { ...(found ?? nothing), sessions };
}

function findNothing(why: string, isUnanswered: boolean): Inspection {
  const unread = { settings: why, slots: why };
  return { ...NOTHING_FOUND, unread, ...(isUnanswered ? { unanswered: why } : {}) };
}

const NOTHING_FOUND: Inspection = {
  settings: {},
  slots: null,
  limits: null,
  pooler: null,
  between: false,
  standby: null,
  instance: null,
  postmasterPid: null,
  sessions: 0,
  unread: undefined,
};

/**
 * Returns the names of the enabled login triggers (PostgreSQL 17+) of the target's database, over a connection of its
 * own; null if the server does not report them.
 */
export async function readLoginTriggers(
  target: Target,
  login: KnownLogin,
  timeoutUs: number,
): Promise<string[] | null> {
  const rows = await askServer(target, login, timeoutUs, (client) =>
    ask<{ evtname?: unknown }>(client, LOGIN_TRIGGERS_QUERY),
  );
  const names = rows?.map(({ evtname }) => evtname) ?? [undefined];
  // A server that gives the same answer to every question has reported nothing.
  return names.every((name) => typeof name === 'string') ? names : null;
}

// The setting event_triggers is as old as the login event.
const LOGIN_TRIGGERS_QUERY = `SELECT evtname FROM pg_event_trigger
  WHERE evtevent = 'login' AND evtenabled <> 'D'
    AND current_setting('event_triggers', true) IS DISTINCT FROM 'off'
  ORDER BY evtname`;

async function readInspection(
  client: pg.Client,
  sinceUs: number,
  { target, login }: { target: Target; login: AcceptedLogin },
): Promise<Inspection> {
  const formerKeyPid = login.backendPid;
  let unanswered = '';
  const asked = { sinceUs, formerKeyPid };
  const { backendPid, ...judged } = await findPooler(client, asked, (reason) => {
    unanswered = reason;
  });
  if (unanswered !== '' && findBreak(client) !== undefined) return findNothing(unanswered, true);
  const { pooler } = judged;
  const unread: NonNullable<Inspection['unread']> = {};
  const rows = await query<{ name: string; value: string }>(client, SETTINGS_QUERY, (reason) => {
    unread.settings = reason;
  });
  const settings = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  // Behind a pooler, the server's slots do not show how many clients the pooler accepts.
  const [answer] = pooler
    ? []
    : await query<SlotsRow>(client, createSlotsQuery(login.backendPid), (reason) => {
        unread.slots = reason;
      });
  // A server that gives the same answer to every question has reported nothing.
  const row = typeof answer?.superuser === 'boolean' ? answer : undefined;
  const [identity] = await query<{ instance?: string | null }>(client, INSTANCE_QUERY);
  return {
    settings,
    slots: row === undefined ? null : countSlots(row, settings),
    limits: row === undefined ? null : describeLimits(row),
    ...judged,
    standby: await readStandby(client, login),
    instance: identity?.instance ?? null,
    postmasterPid: backendPid === null ? null : findLocalPostmaster(target, backendPid),
    sessions: 1,
    unread: Object.keys(unread).length === 0 ? undefined : unread,
  };
}

/**
 * Returns whether the server is a standby; null if it does not report it. PostgreSQL 14 and later report it at the
 * login, but a pooler may not pass that on.
 */
async function readStandby(
  client: pg.Client,
  { parameters }: AcceptedLogin,
): Promise<boolean | null> {
  const { standby } = readReportedState(parameters);
  if (standby !== null) return standby;
  const [row] = await query<{ standby?: unknown }>(
    client,
    'SELECT pg_catalog.pg_is_in_recovery() AS standby',
  );
  return typeof row?.standby === 'boolean' ? row.standby : null;
}

function describeLimits(row: SlotsRow): LoginLimits {
  return {
    superuser: row.superuser,
    role: { limit: readLimit(row.role_limit), used: readCount(row.role_used) },
    database: { limit: readLimit(row.database_limit), used: readCount(row.database_used) },
  };
}

/**
 * Counts the slots; null if no limit on connections is known. max_connections below 1 is no limit: CockroachDB reports
 * -1. A superuser may use the reserved slots, and the limits of role and database do not apply to it.
 */
export function countSlots(row: SlotsRow, settings: Record<string, string>): Slots | null {
  const max = Number(settings.max_connections);
  if (!Number.isInteger(max)) return null;
  const { superuser } = row;
  const used = readCount(row.used);
  const reserved = superuser
    ? 0
    : readCount(settings.superuser_reserved_connections) + readCount(settings.reserved_connections);
  const left = max < 1 ? Number.POSITIVE_INFINITY : max - reserved - used;
  const lower = superuser ? undefined : findLowest(describeLimits(row), left);
  if (lower === undefined && max < 1) return null;
  const free = Math.max(0, lower === undefined ? left : lower.limit - lower.used);
  return { max, reserved, used, free, ...(lower === undefined ? {} : { lower }) };
}

/**
 * Reads a count. Anything that is no whole number, or is below 0 (no limit, or nothing reserved), counts as 0. Some
 * compatible servers send a bigint, which comes as text.
 */
function readCount(value: unknown): number {
  const count = Number(value);
  return Number.isInteger(count) ? Math.max(0, count) : 0;
}

/** Reads a CONNECTION LIMIT; -1, as in Postgres, if there is none or it is not reported. */
function readLimit(value: unknown): number {
  const limit = Number(value ?? -1);
  return Number.isInteger(limit) ? Math.max(-1, limit) : -1;
}

/** Returns the limit of the role or the database that leaves fewer connections, if that is less than `left`. */
function findLowest({ role, database }: LoginLimits, left: number): LowerLimit | undefined {
  const limits: LowerLimit[] = [
    { of: 'role', ...role },
    { of: 'database', ...database },
  ];
  return limits
    .filter(({ limit, used }) => limit >= 0 && limit - used < left)
    .sort((a, b) => a.limit - a.used - (b.limit - b.used))[0];
}

function findLocalPostmaster(target: Target, backendPid: number): number | null {
  return isLocal(target.address) ? (findPostmaster(backendPid, target) ?? null) : null;
}
