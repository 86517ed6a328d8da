import { readText } from './proc-text.ts';

/**
 * Returns the bytes of memory that this machine can give to new processes without swapping: MemAvailable of
 * /proc/meminfo. undefined if the system does not report it.
 */
export function readFreeBytes(): number | undefined {
  const match = /^MemAvailable:\s+(\d+) kB/m.exec(readText('/proc/meminfo'));
  return match === null ? undefined : Number(match[1]) * 1024;
}
