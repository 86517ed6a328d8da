import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

/**
 * Reads a text of /proc or /sys. Returns '' if it cannot be read: the system is not Linux, the process is gone, or
 * access is denied.
 */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** Reads only the first bytes: tables of sockets may have tens of thousands of rows. */
export function readHead(path: string, bytes: number): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const buffer = Buffer.allocUnsafe(bytes);
      return buffer.toString('latin1', 0, readSync(fd, buffer, 0, bytes, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return '';
  }
}

/** Returns where a link leads; '' if it cannot be read. Only its own user and root may read a process's links. */
export function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Returns the pids of all processes that this process can see. */
export function listPids(): number[] {
  return listNames('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function listNames(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
