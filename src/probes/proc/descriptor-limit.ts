import { execFileSync } from 'node:child_process';
import { readText } from './proc-text.ts';

/**
 * Returns the soft limit of open descriptors; null where the system does not say. Node raises it to the hard limit at
 * its start, and processes that connstorm starts inherit it.
 */
export function readDescriptorLimit(): number | null {
  const limits = readText('/proc/self/limits');
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1] ?? askShellForLimit();
  const limit = Number(soft);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : null;
}

function askShellForLimit(): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
