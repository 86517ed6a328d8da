import type pg from 'pg';
import type { Endpoint } from '../drivers/driver.ts';
import { createSideClient, type SideClient } from '../drivers/side-client.ts';
import type { ServerSample } from '../result/samples.ts';

export type ServerFigures = Omit<ServerSample, 'type' | 'probe' | 'atUs' | 'elapsedUs' | 'tookUs'>;

interface Totals {
  started: number;
  abandoned: number;
  fatal: number;
  killed: number;
}

/** The server's own views, over one connection that is opened before the storm. */
export class ServerProbe {
  readonly #side: SideClient;
  readonly #columns: string[];
  #sessions: Totals | undefined;
  #parallelWorkers: number | undefined;

  private constructor(side: SideClient, columns: string[]) {
    this.#side = side;
    this.#columns = columns;
  }

  /** Rejects with the reason where it cannot log in, or may not look. */
  static async start(endpoint: Endpoint, isEncrypted: boolean, timeoutUs: number) {
    const side = createSideClient(endpoint, isEncrypted, timeoutUs);
    try {
      await side.client.connect();
      const probe = new ServerProbe(side, await listColumns(side.client));
      await probe.sample();
      return probe;
    } catch (error) {
      await side.end();
      throw error;
    }
  }

  /** Since the sample before. Rejects where the server does not answer. */
  async sample(): Promise<ServerFigures> {
    const { rows } = await this.#side.client.query<Record<string, string | null>>(
      renderDatabaseQuery(this.#columns),
    );
    const [row = {}] = rows;
    const activity = await this.#readActivity();
    return { ...this.#noteSessions(row), ...this.#noteParallelWorkers(row), activity };
  }

  stop(): Promise<void> {
    return this.#side.end();
  }

  /** A role without pg_monitor sees no states of others. */
  async #readActivity(): Promise<Record<string, number>> {
    const { rows } = await this.#side.client.query<{ state: string; count: number }>(
      ACTIVITY_QUERY,
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }

  #noteSessions(row: Record<string, string | null>): Pick<ServerFigures, 'sessions'> {
    if (row.sessions == null) return {};
    const now = {
      started: Number(row.sessions),
      abandoned: Number(row.sessions_abandoned),
      fatal: Number(row.sessions_fatal),
      killed: Number(row.sessions_killed),
    };
    const before = this.#sessions;
    this.#sessions = now;
    if (before === undefined) return {};
    return {
      sessions: {
        started: now.started - before.started,
        abandoned: now.abandoned - before.abandoned,
        fatal: now.fatal - before.fatal,
        killed: now.killed - before.killed,
      },
    };
  }

  #noteParallelWorkers(row: Record<string, string | null>): Pick<ServerFigures, 'parallelWorkers'> {
    if (row.parallel_workers_launched == null) return {};
    const now = Number(row.parallel_workers_launched);
    const before = this.#parallelWorkers;
    this.#parallelWorkers = now;
    return before === undefined ? {} : { parallelWorkers: now - before };
  }
}

/** sessions and their ends came with PostgreSQL 14, parallel_workers_launched with 18. */
const WANTED = [
  'sessions',
  'sessions_abandoned',
  'sessions_fatal',
  'sessions_killed',
  'parallel_workers_launched',
];

async function listColumns(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ attname: string }>(
    "SELECT attname FROM pg_attribute WHERE attrelid = 'pg_catalog.pg_stat_database'::regclass",
  );
  const known = new Set(rows.map(({ attname }) => attname));
  return WANTED.filter((name) => known.has(name));
}

function renderDatabaseQuery(columns: readonly string[]): string {
  const listed = columns.length === 0 ? 'NULL AS none' : columns.join(', ');
  return `SELECT ${listed} FROM pg_stat_database WHERE datname = current_database()`;
}

const ACTIVITY_QUERY = `SELECT coalesce(state, 'unknown') AS state, count(*)::int AS count
  FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
  GROUP BY 1`;
