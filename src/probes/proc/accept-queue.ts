import { execFileSync } from 'node:child_process';
import type { AcceptQueueDepth } from '../../result/records/samples.ts';
import { type ListeningRow, parseAcceptLimit, parseListening } from './proc-host.ts';
import { listNames, listPids, readHead, readLink, readText } from './proc-text.ts';

/** Listening rows come first, so only this much is read of a table that may have tens of thousands of rows. */
const TABLE_BYTES = 16_384;
const SS_TIMEOUT_MS = 1000;
const TABLES = ['tcp', 'tcp6'] as const;
type Table = (typeof TABLES)[number];

/** The queue of connections that the kernel has established and the process has not accepted yet. */
export class AcceptQueue {
  readonly #pid: number;
  /** The tables that hold this queue's rows, with the number of rows and the byte where they ended at the last read. */
  readonly #tables: Map<Table, { rows: number; endByte: number }>;
  readonly #inodes: ReadonlySet<string>;
  readonly #limit: number | undefined;

  private constructor(pid: number, tables: readonly Table[], inodes: ReadonlySet<string>) {
    this.#pid = pid;
    this.#tables = new Map(tables.map((table) => [table, { rows: 0, endByte: TABLE_BYTES }]));
    this.#inodes = inodes;
    this.#limit = readLimit(pid, inodes);
  }

  /**
   * Finds the queue of a process in its own network namespace. `port`: where clients reach the process; a container may
   * map it to another port inside. Returns undefined if the process does not listen by TCP, or if its socket cannot be
   * told apart.
   */
  static find(pid: number, port: number): AcceptQueue | undefined {
    const own = listSockets(pid);
    const rows = TABLES.flatMap((table) =>
      readListening(pid, table).map((row) => ({ ...row, table })),
    );
    const owned = rows.filter(({ inode }) => own.has(inode));
    // Only its own user and root may see which sockets a process holds. Without that, the port must be enough; other
    // processes may listen on it too.
    const candidates = own.size > 0 ? owned : rows;
    const there = candidates.filter((row) => row.port === port);
    const chosen = there.length > 0 || own.size === 0 ? there : owned;
    if (chosen.length === 0) return undefined;
    const tables = TABLES.filter((name) => chosen.some(({ table }) => table === name));
    return new AcceptQueue(pid, tables, new Set(chosen.map(({ inode }) => inode)));
  }

  /** Returns the depth, the longest if it listens at several addresses; undefined if it no longer listens. */
  read(): AcceptQueueDepth | undefined {
    const depths = [...this.#tables.keys()].flatMap((table) => this.#readDepths(table));
    if (depths.length === 0) return undefined;
    const limit = this.#limit;
    return { depth: Math.max(...depths), ...(limit === undefined ? {} : { limit }) };
  }

  /**
   * Reads only as far as the queue's rows reach: past the listening rows the kernel would walk through all connected
   * sockets. The rows move when other sockets begin or cease to listen.
   */
  #readDepths(table: Table): number[] {
    const path = `/proc/${this.#pid}/net/${table}`;
    const known = this.#tables.get(table);
    let rows = known === undefined ? [] : this.#pick(readHead(path, known.endByte));
    if (rows.length === 0 || rows.length !== known?.rows) {
      rows = this.#pick(readHead(path, TABLE_BYTES));
      const endByte = rows.at(-1)?.endByte ?? TABLE_BYTES;
      this.#tables.set(table, { rows: rows.length, endByte });
    }
    return rows.map(({ depth }) => depth);
  }

  #pick(table: string): ListeningRow[] {
    return parseListening(table).filter(({ inode }) => this.#inodes.has(inode));
  }
}

/**
 * Returns the pids of the visible processes with that name that listen on a port. Several may share it (SO_REUSEPORT).
 */
export function findListeningPids(name: string, port: number): number[] {
  const inodes = TABLES.flatMap((table) => readListening('self', table))
    .filter((row) => row.port === port)
    .map(({ inode }) => inode);
  return listPids().filter((pid) => {
    if (readText(`/proc/${pid}/comm`).trimEnd() !== name) return false;
    const own = listSockets(pid);
    return inodes.some((inode) => own.has(inode));
  });
}

function readListening(pid: number | 'self', table: Table): ListeningRow[] {
  return parseListening(readHead(`/proc/${pid}/net/${table}`, TABLE_BYTES));
}

/** Returns the inodes of the sockets that a process holds; empty if access is denied. */
function listSockets(pid: number): Set<string> {
  const links = listNames(`/proc/${pid}/fd`).map((fd) => readLink(`/proc/${pid}/fd/${fd}`));
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

/**
 * Reads the limit, which only netlink tells, by asking ss. Returns undefined without ss, or if the namespace may not be
 * entered.
 */
function readLimit(pid: number, inodes: ReadonlySet<string>): number | undefined {
  const theirs = readLink(`/proc/${pid}/ns/net`);
  const isElsewhere = theirs !== '' && theirs !== readLink('/proc/self/ns/net');
  const [file, ...args] = [
    ...(isElsewhere ? ['nsenter', '-t', String(pid), '-n'] : []),
    ...['ss', '-lnteH'],
  ];
  try {
    const options = { encoding: 'utf8', timeout: SS_TIMEOUT_MS, stdio: 'pipe' } as const;
    return parseAcceptLimit(execFileSync(file ?? 'ss', args, options), inodes);
  } catch {
    return undefined;
  }
}
