import { listPids, readText } from './proc-text.ts';

/** The database user and the database in a backend's title. */
export interface BackendLogin {
  user: string;
  database: string;
}

/**
 * Returns the pid of the postmaster whose backend calls itself `backendPid`, as this process sees it; undefined if it
 * does not run on this machine (Linux) or is hidden. A backend in a container uses its number inside the container.
 */
export function findPostmaster(backendPid: number, login: BackendLogin): number | undefined {
  const backend = isBackendHere(backendPid) ? backendPid : findContained(backendPid, login);
  const parent = backend === undefined ? undefined : parseParent(readText(`/proc/${backend}/stat`));
  // The parent is 0 if it is in another namespace; it is undefined if the process has ended.
  return parent === 0 ? undefined : parent;
}

/** Parses ppid from /proc/PID/stat: `pid (name) state ppid ...`. The name may contain any character. */
export function parseParent(stat: string): number | undefined {
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return /^\d+$/.test(parent ?? '') ? Number(parent) : undefined;
}

/**
 * Parses NSpid from /proc/PID/status: the process's number in each pid namespace, from the reader's inwards (Linux
 * 4.1+).
 */
export function parseNamespacePids(status: string): number[] {
  const [, pids = ''] = /^NSpid:\s*([\d\t ]+)$/m.exec(status) ?? [];
  return (pids.match(/\d+/g) ?? []).map(Number);
}

/** The beginning of the titles of all server processes except the postmaster. What the process does follows. */
export const TITLE = 'postgres:';

function isBackendHere(pid: number): boolean {
  const isContained = parseNamespacePids(readText(`/proc/${pid}/status`)).length > 1;
  return !isContained && readText(`/proc/${pid}/cmdline`).startsWith(TITLE);
}

/**
 * Returns the backend only if exactly one matches: two containers may each have a backend with that number and login.
 */
function findContained(pid: number, { user, database }: BackendLogin): number | undefined {
  const found = listPids().filter((candidate) => {
    const title = readText(`/proc/${candidate}/cmdline`);
    if (!title.startsWith(TITLE) || !title.includes(` ${user} ${database} `)) return false;
    const numbers = parseNamespacePids(readText(`/proc/${candidate}/status`));
    return numbers.length > 1 && numbers.at(-1) === pid;
  });
  return found.length === 1 ? found[0] : undefined;
}
