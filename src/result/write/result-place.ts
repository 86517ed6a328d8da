import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UsageError } from '../../errors.ts';

/** Folder for results without a name. */
export const DEFAULT_FOLDER = 'results';

/**
 * Throws what opening the place of a result would throw, as far as that can be known without writing. It creates
 * nothing and does not wait for the reader of a pipe. `out` as in ResultWriter.open.
 * @throws UsageError
 */
export function checkResultPlace(
  out: string | false | undefined,
  { overwrite = false }: { overwrite?: boolean | undefined } = {},
): void {
  if (out === false || out === '-') return;
  if (out !== undefined) refuseZipped(out);
  if (out === undefined) checkFolder(DEFAULT_FOLDER, DEFAULT_FOLDER);
  else checkNamed(out, overwrite);
}

/**
 * Refuses to write a `.gz` file. A result is plain text, because it is read while it is written, and after a crash.
 * Commands that read results unpack them.
 */
export function refuseZipped(path: string): void {
  if (!/\.gz$/i.test(path) || statIfThere(path)?.isFile() === false) return;
  const plain = path.replace(/\.gz$/i, '');
  const message = `${path} would be plain text, because results are not packed while they are written: write ${plain || 'a file'} with --out, and pack it afterwards`;
  throw new UsageError('RESULT_NOT_WRITABLE', message);
}

/** Checks that the folder exists or can be created, and that files can be created in it. */
export function checkFolder(folder: string, blamed: string): void {
  const found = tryStat(folder, blamed);
  if (found?.isDirectory() === false) throw notWritable(blamed, { code: 'EEXIST' });
  if (found === undefined) checkFolder(dirname(folder), blamed);
  else checkAccess(folder, constants.W_OK | constants.X_OK, blamed);
}

function checkNamed(path: string, overwrite: boolean): void {
  const found = tryStat(path, path);
  if (found?.isDirectory() === true || path.endsWith('/')) {
    throw notWritable(path, { code: 'EISDIR' });
  }
  if (found === undefined) checkNew(path);
  else if (!found.isFile()) checkAccess(path, constants.W_OK, path);
  else if (overwrite) closeSync(openOld(path));
  else throw notOverwritten(path);
}

/** Checks that a file of that name can be created. A link that leads nowhere takes its name. */
function checkNew(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw notOverwritten(path);
  const folder = dirname(path);
  if (tryStat(folder, path) === undefined) throw notWritable(path, { code: 'ENOENT' });
  checkAccess(folder, constants.W_OK | constants.X_OK, path);
}

function checkAccess(path: string, mode: number, blamed: string): void {
  try {
    accessSync(path, mode);
  } catch (error) {
    throw notWritable(blamed, error);
  }
}

/** Returns undefined if nothing is there. Throws if that cannot be found out. */
function tryStat(path: string, blamed: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw notWritable(blamed, error);
  }
}

/** Returns undefined if nothing is there, or if no path leads to it. Opening it will then report why. */
export function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Opens an existing file to replace it. O_APPEND: if another program cuts it, a write goes to its end and leaves no
 * hole.
 */
export function openOld(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_APPEND);
  } catch (error) {
    throw notWritable(path, error);
  }
}

export function notOverwritten(path: string, cause?: unknown): UsageError {
  const message = `${path} exists and is not overwritten: name another file with --out, or add --overwrite`;
  return new UsageError('RESULT_EXISTS', message, { cause });
}

export function notWritable(path: string, error: unknown): UsageError {
  const message = `${path} cannot be written: ${explain(error as SystemError)}`;
  return new UsageError('RESULT_NOT_WRITABLE', message, { cause: error });
}

type SystemError = { code?: string | undefined; message?: string };

/** By error code: what is wrong, and the alternative for commands that have --out. */
const EXPLANATIONS: Record<string, readonly [fault: string, otherwise?: string]> = {
  ENOENT: ['its folder does not exist; create it', ', or name another place with --out'],
  ENOSPC: ['the disk is full; free some space', ', or write elsewhere with --out'],
  EDQUOT: ['the disk quota is used up; free some space', ', or write elsewhere with --out'],
  EFBIG: ['the file has reached the size limit; see ulimit -f'],
  EACCES: ['no permission', '; name another place with --out'],
  EPERM: ['not permitted', '; name another place with --out'],
  EROFS: ['the file system is read-only', '; name another place with --out'],
  ENOTDIR: ['a part of the path is a file', '; name another place with --out'],
  EEXIST: ['a part of the path is a file', '; name another place with --out'],
  EISDIR: ['it is a folder', '; name a file with --out'],
  EMFILE: ['too many open files; see ulimit -n'],
  ENAMETOOLONG: ['the name is too long', '; name another place with --out'],
  EIO: ['the disk reports an input/output error'],
};

/** Returns why something cannot be written, and how to go on. `hasOut`: the command has --out. */
export function explain(error: SystemError, { hasOut = true } = {}): string {
  const { code = '', message = '' } = error;
  const explanation = EXPLANATIONS[code];
  if (explanation === undefined) return message;
  const [fault, otherwise = ''] = explanation;
  return `${fault}${hasOut ? otherwise : ''} (${code})`;
}
