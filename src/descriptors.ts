import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { UsageError } from './errors.ts';

/**
 * Returns the error unchanged, or one that names the limit of open files if that limit is the cause. There may be too
 * few descriptors to load connstorm itself. Node's loader then reports a missing package, although the package is
 * there.
 */
export function blameDescriptors(error: unknown): unknown {
  const { code } = (error ?? {}) as { code?: unknown };
  if (code === 'ENFILE') {
    return refuse(error, "too many open files (ENFILE): raise the system's limit (fs.file-max)");
  }
  if (code === 'EMFILE' || isFoundAfterAll(error)) {
    return refuse(error, 'too many open files (EMFILE): raise ulimit -n');
  }
  return error;
}

function refuse(cause: unknown, message: string): UsageError {
  return new UsageError('TOO_FEW_DESCRIPTORS', message, { cause });
}

const NOT_FOUND = new Set<unknown>(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/**
 * Returns whether an error is about a module that is reported missing and is there. Looking for a file takes no
 * descriptor, reading it does.
 */
function isFoundAfterAll(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (!NOT_FOUND.has(code) || typeof message !== 'string') return false;
  // The message: Cannot find package 'yaml' imported from /somewhere/dist/scenario/overrides.js
  const name = /^Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1];
  const importer = /imported from (\S+)/.exec(message)?.[1];
  if (name === undefined) return false;
  // The loader could not read the package.json that names the file, so it guessed index.js.
  if (isAbsolute(name)) return existsSync(name) || existsSync(dirname(name));
  return importer !== undefined && isInstalled(name, dirname(importer));
}

/** Returns whether a package is in a folder's node_modules, or in that of a folder above it. */
function isInstalled(name: string, folder: string): boolean {
  if (existsSync(join(folder, 'node_modules', name))) return true;
  const above = dirname(folder);
  return above !== folder && isInstalled(name, above);
}
