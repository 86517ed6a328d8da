import { listPids, readText } from './proc-text.ts';

/** Whose backend it is, as its title says. */
export interface BackendLogin {
  user: string;
  database: string;
}

/**
 * The postmaster whose backend calls itself `backendPid`, by the number that this process knows it by; undefined where it
 * does not run on this machine (Linux) or is not to be seen. A backend in a container numbers itself as it is numbered there.
 */
export function findPostmaster(backendPid: number, login: BackendLogin): number | undefined {
  const backend = isBackendHere(backendPid) ? backendPid : findContained(backendPid, login);
  const parent = backend === undefined ? undefined : parseParent(readText(`/proc/${backend}/stat`));
  // Of another namespace, or of a process that has ended.
  return parent === 0 ? undefined : parent;
}

/** ppid of /proc/PID/stat: `pid (name) state ppid ...`, where the name may hold anything. */
export function parseParent(stat: string): number | undefined {
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return /^\d+$/.test(parent ?? '') ? Number(parent) : undefined;
}

/** NSpid of /proc/PID/status: the process's number in each namespace of processes, from the reader's inwards (Linux 4.1+). */
export function parseNamespacePids(status: string): number[] {
  const [, pids = ''] = /^NSpid:\s*([\d\t ]+)$/m.exec(status) ?? [];
  return (pids.match(/\d+/g) ?? []).map(Number);
}

/** What processes of a server call themselves, but for the postmaster; then comes what they are. */
export const TITLE = 'postgres:';

function isBackendHere(pid: number): boolean {
  const isContained = parseNamespacePids(readText(`/proc/${pid}/status`)).length > 1;
  return !isContained && readText(`/proc/${pid}/cmdline`).startsWith(TITLE);
}

/** Two containers may have a backend of that number and that login each: then it is neither. */
function findContained(pid: number, { user, database }: BackendLogin): number | undefined {
  const found = listPids().filter((candidate) => {
    const title = readText(`/proc/${candidate}/cmdline`);
    if (!title.startsWith(TITLE) || !title.includes(` ${user} ${database} `)) return false;
    const numbers = parseNamespacePids(readText(`/proc/${candidate}/status`));
    return numbers.length > 1 && numbers.at(-1) === pid;
  });
  return found.length === 1 ? found[0] : undefined;
}
