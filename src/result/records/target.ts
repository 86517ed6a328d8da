/** What a header says of the servers of a target, and of a lab's pooler. */

import type { LowerLimit } from '../../model/slot-limits.ts';

/** What connstorm found out about a server when it logged in before the load. */
export interface ServerFindings {
  version: string | null;
  /**
   * Whether the server takes writes (`primary`) or follows another one (`standby`); `unknown`: the server does not say.
   * Absent: an older file.
   */
  serverRole?: 'primary' | 'standby' | 'unknown';
  tls: string | null;
  /** `trust`: the server asked for nothing. */
  auth: string | null;
  /**
   * Another way than trust by which the server may have admitted connstorm without a question: its client certificate,
   * or its account on a Unix socket.
   */
  authMayBe?: 'cert' | 'peer';
  /** True: SCRAM was bound to the server's certificate (SCRAM-SHA-256-PLUS). Absent: it was not, or an older file. */
  channelBinding?: true;
  /** The server's settings that matter for connecting, by name, as `SHOW` prints them. */
  settings: Record<string, string>;
  /**
   * Slots of the server. `lower`: the limit of the database user or the database, if it leaves fewer than
   * max_connections; absent in older files, too.
   */
  slots: {
    max: number;
    reserved: number;
    used: number;
    free: number;
    lower?: LowerLimit;
  } | null;
  /**
   * PgBouncer's max_client_conn, and the clients that it had, without connstorm's own. Absent: there is no pooler, or
   * `unread.clients` says why they are not known, or an older file.
   */
  clients?: { max: number; used: number };
  /** Whether a pooler is in between; null: cannot be found out. */
  pooler: boolean | null;
  /**
   * True: each login had its own backend, but the server sees its client at another port than connstorm's. Address
   * translation, a proxy or a cold pooler is then in between, and `pooler` is null. Absent: not so, not known, or an
   * older file.
   */
  between?: true;
  /**
   * Identifies the running Postgres that a session ends at, also through a pooler. The text is the same from any client
   * until a restart; a standby's differs from its primary's. Absent: not known.
   */
  instance?: string;
  /**
   * Reasons why these could not be read. Missing rights, and names that the server does not know, are no such reason.
   * Absent: they were read.
   */
  unread?: { settings?: string; slots?: string; clients?: string };
  /**
   * Sessions that connstorm opened there before the load to look at the server. Variants of one target share them: only
   * the first has the field. Absent also in an older file.
   */
  visits?: number;
}

/** The PgBouncer of a lab. */
export interface LabPoolerRecord {
  /** Version of PgBouncer, e.g. `1.18.0`. */
  version: string;
  /** `transaction`, `session`, or another mode from its settings. */
  poolMode: string;
  /** Largest number of connections to the server, for each process. */
  poolSize: number;
  processes: number;
}

/** One of several servers. */
export interface HostRecord {
  host: string;
  address: string;
  port: number;
  sslmode: string;
  server: ServerFindings;
}

/** One of the hosts that clients take in turn at each connect. */
export interface TurnHostRecord extends Omit<HostRecord, 'server'> {
  /** Findings of the login before the run; absent: it did not accept one. */
  server?: ServerFindings;
  /** Why it did not fit before the run, one line; absent: it did. */
  problem?: string;
}
