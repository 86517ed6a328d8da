import type { Endpoint } from '../../drivers/endpoint.ts';
import { createSideClient, type SideClient } from '../../drivers/side-client.ts';
import type { ServerSample } from '../../result/records/samples.ts';
import type { Asked } from './asked-probe.ts';

export type ServerFigures = Omit<ServerSample, 'type' | 'probe' | 'atUs' | 'elapsedUs' | 'tookUs'>;

/** The counters of sessions and their ends came with PostgreSQL 14, parallel_workers_launched with 18. */
const COUNTERS = [
  'sessions',
  'sessions_abandoned',
  'sessions_fatal',
  'sessions_killed',
  'parallel_workers_launched',
] as const;
type Counter = (typeof COUNTERS)[number];

/** The current values; counters that the server does not have are missing. */
export type DatabaseCounters = Partial<Record<Counter, number>>;

/** Reads the server's own views over one connection. */
export class ServerProbe implements Asked<ServerFigures> {
  readonly #side: SideClient;
  readonly #query: string;
  #before: DatabaseCounters = {};

  private constructor(side: SideClient, query: string) {
    this.#side = side;
    this.#query = query;
  }

  /** Rejects with the reason if it cannot log in or may not read the views. */
  static async open(
    endpoint: Endpoint,
    {
      isEncrypted,
      timeoutUs,
      onReady = () => {},
    }: {
      isEncrypted: boolean;
      timeoutUs: number;
      /** Called once it is logged in. */
      onReady?: () => void;
    },
  ): Promise<ServerProbe> {
    const side = createSideClient(endpoint, isEncrypted, timeoutUs);
    try {
      await side.client.connect();
      onReady();
      const columns = await side.query(COLUMNS_QUERY);
      const known = COUNTERS.filter((name) => columns.some(({ attname }) => attname === name));
      const probe = new ServerProbe(side, renderDatabaseQuery(known));
      await probe.sample();
      return probe;
    } catch (error) {
      await side.end();
      throw error;
    }
  }

  /** Returns the figures since the previous sample. */
  async sample(): Promise<ServerFigures> {
    const [row = {}] = await this.#side.query(this.#query);
    const states = await this.#side.query(ACTIVITY_QUERY);
    const now = readCounters(row);
    const figures = describeCounters(this.#before, now);
    this.#before = now;
    return { ...figures, ...readActivity(states) };
  }

  stop(): Promise<void> {
    return this.#side.end();
  }
}

/** Reads a row of pg_stat_database. bigint values come as text. */
export function readCounters(row: Record<string, unknown>): DatabaseCounters {
  return Object.fromEntries(
    COUNTERS.flatMap((name) => (row[name] == null ? [] : [[name, Number(row[name])]])),
  );
}

/**
 * Reads the counts by state; returns {} if the rows are something else, because servers other than Postgres take the
 * query too.
 */
export function readActivity(
  rows: readonly Record<string, unknown>[],
): Pick<ServerFigures, 'activity'> {
  const counts = rows.map(
    ({ state, count }) => [String(state), Number(count ?? Number.NaN)] as const,
  );
  if (!counts.every(([, count]) => Number.isInteger(count))) return {};
  return { activity: Object.fromEntries(counts) };
}

/** Returns the growth between two samples, without counters that one of them lacks or that were reset in between. */
export function describeCounters(
  before: DatabaseCounters,
  now: DatabaseCounters,
): Pick<ServerFigures, 'sessions' | 'parallelWorkers'> {
  const grown = (name: Counter): number => (now[name] ?? Number.NaN) - (before[name] ?? Number.NaN);
  const sessions = {
    started: grown('sessions'),
    abandoned: grown('sessions_abandoned'),
    fatal: grown('sessions_fatal'),
    killed: grown('sessions_killed'),
  };
  const parallelWorkers = grown('parallel_workers_launched');
  return {
    ...(Object.values(sessions).every((value) => value >= 0) ? { sessions } : {}),
    ...(parallelWorkers >= 0 ? { parallelWorkers } : {}),
  };
}

const COLUMNS_QUERY =
  "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_catalog.pg_stat_database'::regclass";

function renderDatabaseQuery(columns: readonly string[]): string {
  const listed = columns.length === 0 ? 'NULL AS none' : columns.join(', ');
  return `SELECT ${listed} FROM pg_stat_database WHERE datname = current_database()`;
}

/**
 * The server hides backend_type, like state, of other users' sessions from ordinary database users. It does not hide
 * datid.
 */
const ACTIVITY_QUERY = `SELECT coalesce(state, 'unknown') AS state, count(*)::int AS count
  FROM pg_stat_activity
  WHERE coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL
    AND pid <> pg_backend_pid()
  GROUP BY 1`;
