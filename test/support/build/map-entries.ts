import { fileURLToPath, pathToFileURL } from 'node:url';

const SRC = fileURLToPath(new URL('../../../src/', import.meta.url));
const DIST = fileURLToPath(new URL('../../../dist/', import.meta.url));

/** How src names the file of a thread or a process of its own: built, it lies beside. */
const ENTRY = /new URL\('(\.\/[\w./-]+\.(?:thread|main)\.js)', import\.meta\.url\)/g;

/**
 * Returns a module of src with the entries of its threads and processes taken from `dist`: Node 20 runs no TypeScript there.
 * `id` is the module's path.
 */
export function mapEntries(source: string, id: string): string {
  if (!id.startsWith(SRC)) return source;
  const built = pathToFileURL(`${DIST}${id.slice(SRC.length)}`);
  return source.replace(ENTRY, (_, entry: string) => `new URL('${new URL(entry, built).href}')`);
}

/** Vitest's plugin that does so. fresh-build.ts keeps `dist` as new as `src`. */
export const entriesFromBuild = {
  name: 'entries-from-build',
  enforce: 'pre' as const,
  transform: (source: string, id: string): string => mapEntries(source, id),
};
