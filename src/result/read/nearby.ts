import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Folder of results that were written without --out. */
const FOLDER = 'results';
const ENDINGS = ['', '.gz', '.ndjson', '.ndjson.gz'];

/**
 * Returns an existing result that a path to no file may mean: it was packed meanwhile, or the path lacks its ending or
 * folder. undefined: there is none.
 */
export function findNearby(path: string): string | undefined {
  const plain = path.replace(/\.gz$/i, '');
  const paths = [path, plain, join(FOLDER, basename(path)), join(FOLDER, basename(plain))];
  const candidates = paths.flatMap((base) => ENDINGS.map((ending) => base + ending));
  return candidates.find((candidate) => existsSync(candidate));
}
