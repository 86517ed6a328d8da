import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';

/** Debian puts it into a folder that is not in everybody's PATH. */
const FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Where PgBouncer is; undefined where it is not installed. */
export function findPgBouncer(folders = listFolders()): string | undefined {
  return folders.map((folder) => join(folder, 'pgbouncer')).find(isExecutable);
}

/** @throws UsageError, which says how to do without, where it is not installed */
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
