import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Where runs put results that are given no place of their own. */
const FOLDER = 'results';
const ENDINGS = ['', '.gz', '.ndjson', '.ndjson.gz'];

/** A result that may be meant by a path where no file is: one packed meanwhile, or named without its ending or folder. */
export function findNearby(path: string): string | undefined {
  const plain = path.replace(/\.gz$/i, '');
  const paths = [path, plain, join(FOLDER, basename(path)), join(FOLDER, basename(plain))];
  const candidates = paths.flatMap((base) => ENDINGS.map((ending) => base + ending));
  return candidates.find((candidate) => existsSync(candidate));
}
