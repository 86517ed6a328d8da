import { execFile } from 'node:child_process';
import { chown, mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../errors.ts';
import { runAs } from './program.ts';
import type { ServerAccount } from './server-account.ts';

/**
 * Makes a folder for a lab, of mode 0700 and the server's own, among the system's temporary ones.
 *
 * @throws UsageError where the server's account cannot reach it
 */
export async function createLabFolder(account: ServerAccount | undefined): Promise<string> {
  // mkdtemp makes it with mode 0700.
  const folder = await mkdtemp(join(tmpdir(), 'connstorm-lab-')).catch((cause: Error) => {
    const message = `the lab's folder cannot be made in ${tmpdir()} (${cause.message}): set TMPDIR to a folder that is there and can be written`;
    throw new UsageError('LAB_FOLDER', message, { cause });
  });
  if (account === undefined) return folder;
  await chown(folder, account.uid, account.gid);
  try {
    await promisify(execFile)('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], runAs(account));
  } catch (cause) {
    await rmdir(folder);
    const message = `the lab's server runs as ${account.name}, who may not enter ${tmpdir()}: set TMPDIR to a folder that everyone may enter, e.g. /tmp`;
    throw new UsageError('LAB_FOLDER', message, { cause });
  }
  return folder;
}
