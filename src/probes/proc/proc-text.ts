import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

/** Texts of /proc and /sys, empty where the system does not tell: it is no Linux, the process is gone, or it is not ours to know. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** No more than its first bytes: tables of sockets may have ten thousands of rows. */
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

/** Where a link leads; a link of a process is for its own user and for root alone. */
export function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Of all processes that are to be seen. */
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
