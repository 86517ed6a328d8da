import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, rmdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from '../../errors.ts';
import { runAs } from './program.ts';
import type { ServerAccount } from './server-account.ts';

/** Returns a path for a new lab's folder, in the system's temporary folder. Its name cannot be guessed. */
export function nameLabFolder(): string {
  return join(resolve(tmpdir()), `connstorm-lab-${randomBytes(9).toString('base64url')}`);
}

/**
 * Creates a folder for a lab, with mode 0700, owned by the server's account.
 *
 * @throws UsageError if it cannot be created, or if the server's account cannot reach it
 */
export async function createLabFolder(
  account: ServerAccount | undefined,
  folder = nameLabFolder(),
): Promise<string> {
  await mkdir(folder, { mode: 0o700 }).catch((cause: Error) => {
    if (isOutOfSpace(cause)) throw fullDisk(cause);
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

/** The space that a lab takes, with some reserve. */
const NEEDED_BYTES = 64 * 2 ** 20;

/**
 * Returns the error to report instead of `error`, which came while the lab in `folder` was started. If the disk is
 * full, that is the full disk: a server without space does not always say so.
 */
export async function blameSpace(error: unknown, folder: string): Promise<unknown> {
  if (isOutOfSpace(error)) return fullDisk(error);
  if (error instanceof UsageError) return error;
  const { bavail, bsize } = await statfs(folder).catch(() => ({ bavail: Infinity, bsize: 1 }));
  return bavail * bsize < NEEDED_BYTES ? fullDisk(error) : error;
}

function isOutOfSpace(error: unknown): boolean {
  return /ENOSPC|EDQUOT|No space left|[Qq]uota exceeded/.test(String(error));
}

function fullDisk(cause: unknown): UsageError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `the lab needs ${NEEDED_BYTES / 2 ** 20} MB in ${tmpdir()}, and less is free: free some space, or set TMPDIR to a folder with more (${why})`;
  return new UsageError('LAB_FOLDER', message, { cause });
}
