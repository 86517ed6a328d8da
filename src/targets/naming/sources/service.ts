import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { suggestNearest } from '../../../scenario/nearest.ts';
import { invalid } from '../settings/invalid.ts';
import type { Environment } from './environment.ts';
import type { GivenParameters } from './given.ts';
import { locateUserFile } from './home.ts';
import { LIBPQ_KEYWORDS } from './parameters.ts';
import { listServices, parseService } from './service-file.ts';

/** Where the system's pg_service.conf is depends on how libpq was built: Debian, Red Hat, Arch, from source, FreeBSD, Homebrew. */
const SYSTEM_FOLDERS = [
  '/etc/postgresql-common',
  '/etc/sysconfig/pgsql',
  '/etc/postgresql',
  '/usr/local/pgsql/etc',
  '/usr/local/etc/postgresql',
  '/opt/homebrew/etc/postgresql',
];

/** What a service says of a target, and whether the connection string names it (else PGSERVICE does). */
export interface NamedService {
  given: GivenParameters;
  isExplicit: boolean;
}

/**
 * The parameters of the service that a connection string (service=) or PGSERVICE names; undefined where neither does.
 *
 * As in libpq the user's file is looked into first (servicefile=, else PGSERVICEFILE, else ~/.pg_service.conf), then the system's
 * (PGSYSCONFDIR, else the folder that libpq was built with, here the usual ones in turn). A file that is named must be
 * there, the others may be missing. Throws UsageError for a service that none of them has, and for what is wrong in its section.
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
  /** Somebody named it. */
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

/** Undefined where it is not there and need not be; a file that we may not look for counts as missing, as in libpq. */
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
