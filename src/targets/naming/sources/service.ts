import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { suggestNearest } from '../../../scenario/nearest.ts';
import { invalid } from '../settings/invalid.ts';
import type { Environment } from './environment.ts';
import type { GivenParameters } from './given.ts';
import { locateUserFile } from './home.ts';
import { LIBPQ_KEYWORDS } from './parameters.ts';
import { listServices, parseService } from './service-file.ts';

/**
 * Folders of the system's pg_service.conf, by how libpq was built: Debian, Red Hat, Arch, source, FreeBSD, Homebrew.
 */
const SYSTEM_FOLDERS = [
  '/etc/postgresql-common',
  '/etc/sysconfig/pgsql',
  '/etc/postgresql',
  '/usr/local/pgsql/etc',
  '/usr/local/etc/postgresql',
  '/opt/homebrew/etc/postgresql',
];

/** A service's parameters for a target, and whether the connection string names the service (else PGSERVICE does). */
export interface NamedService {
  given: GivenParameters;
  isExplicit: boolean;
}

/**
 * Reads the parameters of the service that a connection string (service=) or PGSERVICE names; undefined if neither
 * does.
 *
 * As in libpq, the user's file comes first (servicefile=, else PGSERVICEFILE, else ~/.pg_service.conf). The system's
 * file is next (in PGSYSCONFDIR, else in the folder that libpq was built with; here the usual folders are tried in
 * turn). A file that is named must exist; the others may be missing. Throws UsageError for a service that no file has,
 * and for faults in its section.
 */
export async function readService(
  named: GivenParameters,
  env: Environment,
): Promise<NamedService | undefined> {
  const explicit = named.get('service')?.value;
  const service = explicit ?? (env.PGSERVICE || undefined);
  if (service === undefined) return undefined;
  if (service === '') {
    throw invalid('target: service is empty: name a section of a service file, or leave it out');
  }
  const known: string[] = [];
  const looked: string[] = [];
  const files = listFiles(named, env);
  for (const { path, mustExist } of files) {
    const text = await readText(path, mustExist);
    if (text === undefined) continue;
    const given = parseService(text, service, { path, keywords: LIBPQ_KEYWORDS });
    if (given !== undefined) return { given, isExplicit: explicit !== undefined };
    known.push(...listServices(text));
    looked.push(path);
  }
  const source = explicit === undefined ? 'PGSERVICE' : 'target: service';
  const where =
    looked.length > 0
      ? ` in ${looked.join(' and ')}: define it there`
      : ': there is neither a ~/.pg_service.conf nor a pg_service.conf of the system: write one';
  throw invalid(
    `${source}: no service "${service}"${where}, or name another file with PGSERVICEFILE${suggestNearest(service, known)}`,
  );
}

interface ServiceFile {
  path: string;
  /** Whether the connection string or the environment names the file. */
  mustExist: boolean;
}

function listFiles(named: GivenParameters, env: Environment): ServiceFile[] {
  const chosen = named.get('servicefile')?.value || env.PGSERVICEFILE;
  const own = chosen || locateUserFile(env, '.pg_service.conf', '.pg_service.conf');
  const folders = env.PGSYSCONFDIR ? [env.PGSYSCONFDIR] : SYSTEM_FOLDERS;
  return [
    ...(own === undefined ? [] : [{ path: own, mustExist: own === chosen }]),
    ...folders.map((folder) => ({ path: join(folder, 'pg_service.conf'), mustExist: false })),
  ];
}

/**
 * Reads a file; undefined if it is missing and need not exist. As in libpq, it also counts as missing if we may not
 * look for it.
 */
async function readText(path: string, mustExist: boolean): Promise<string | undefined> {
  try {
    if (!mustExist) await stat(path);
  } catch {
    return undefined;
  }
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw invalid(`service file ${path} cannot be read (${code}): check the path and its rights`);
  }
}
