import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';

/** Debian installs it in a folder that is not in every PATH. */
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Returns the path of PgBouncer; undefined if it is not installed. */
export function findPgBouncer(folders = listFolders()): string | undefined {
  return folders.map((folder) => join(folder, 'pgbouncer')).find(isExecutable);
}

/**
 * Returns the path of PgBouncer.
 *
 * @throws UsageError if it is not installed; its message says how to do without
 */
export function requirePgBouncer(folders = listFolders()): string {
  const file = findPgBouncer(folders);
  if (file !== undefined) return file;
  throw new UsageError(
    'LAB_NO_PGBOUNCER',
    'the lab needs a PgBouncer for the target pooled, and none is installed: install it (apt-get install pgbouncer, brew install pgbouncer), or name any pooler with --target direct=URL --target pooled=URL',
  );
}

function listFolders(): string[] {
  const path = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return [...path, ...FOLDERS];
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
