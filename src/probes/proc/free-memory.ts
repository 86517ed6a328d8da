import { readText } from './proc-text.ts';

/**
 * Returns the bytes of memory that this machine can give to new processes without swapping: MemAvailable of
 * /proc/meminfo. undefined if the system does not report it.
 */
export function readFreeBytes(): number | undefined {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(readText('/proc/meminfo'));
  return match === null ? undefined : Number(match[1]) * 1024;
}

/**
 * Returns the bytes that would be free again if this server process ended: pages that no other process has
 * (smaps_rollup, Linux 4.14+) and its page tables (VmPTE). undefined if it is no server process of this machine, or if
 * its memory may not be seen: that takes the same user, or root.
 */
export function readTakenBytes(pid: number): number | undefined {
  const process = `/proc/${pid}`;
  if (!readText(`${process}/cmdline`).startsWith(TITLE)) return undefined;
  const pages = readText(`${process}/smaps_rollup`).matchAll(/^Private_\w+:\s+(\d+) kB/gm);
  const kb = [...pages].reduce((sum, [, size]) => sum + Number(size), 0);
  const tables = /^VmPTE:\s+(\d+) kB/m.exec(readText(`${process}/status`));
  return kb === 0 || tables === null ? undefined : (kb + Number(tables[1])) * 1024;
}

/** The beginning of the titles of server processes. A process of another pid namespace has another number here. */
const TITLE = 'postgres:';
