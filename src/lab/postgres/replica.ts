import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { runAs } from '../process/program.ts';
import type { ServerAccount } from '../process/server-account.ts';
import { type Postmaster, type PostmasterOptions, startPostmaster } from './postmaster.ts';

/**
 * Options of the primary: its folder is the lab's. The replica lives in a folder inside it, and ends with the lab. It
 * costs as much to fork as the primary, and uses the same CPUs.
 */
export interface ReplicaOptions extends PostmasterOptions {
  /** URL of the primary's superuser, who makes the copy and replicates. */
  superuserUrl: string;
}

/**
 * Copies a running primary, and starts the copy as a hot standby that follows it. It works like pg_basebackup, which
 * the embedded Postgres lacks:
 * https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP.
 *
 * @throws the server's error if the primary does not permit it (`wal_level=minimal`); ConnstormError if the copy does
 *   not start or does not become ready
 */
export async function startReplica(
  options: ReplicaOptions,
): Promise<{ postmaster: Postmaster; options: PostmasterOptions }> {
  const { superuserUrl, ...others } = options;
  const folder = await createReplicaFolder(options);
  const dataFolder = join(folder, 'data');
  const label = await backUp(options, dataFolder);
  await writeLabel(join(dataFolder, 'backup_label'), label, options.account);
  await appendFile(join(dataFolder, 'postgresql.conf'), renderConnection(superuserUrl));
  const own = { ...others, folder, dataFolder };
  return { postmaster: await startPostmaster(own), options: own };
}

async function createReplicaFolder({ folder, account }: ReplicaOptions): Promise<string> {
  const replicaFolder = join(folder, 'replica');
  await mkdir(replicaFolder, { mode: 0o700 });
  if (account !== undefined) await chown(replicaFolder, account.uid, account.gid);
  return replicaFolder;
}

/**
 * Copies the primary's data folder while the primary is in backup mode.
 *
 * @returns the text of backup_label, without which the copy would recover from the wrong place
 */
async function backUp(
  { superuserUrl, dataFolder, account }: ReplicaOptions,
  to: string,
): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl, ssl: false });
  client.on('error', () => {});
  await client.connect();
  try {
    // Start and stop in one session: the backup is given up otherwise.
    await client.query("SELECT pg_backup_start('replica', fast => true)");
    await copyData(dataFolder, to, account);
    const { rows } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    return rows[0]?.labelfile ?? '';
  } finally {
    await client.end();
  }
}

/** Copies all but the WAL, which comes from the primary, and the files that say that the primary runs. */
const COPY = `
set -e
umask 077
cp -a "$1" "$2"
cd "$2"
rm -rf pg_wal postmaster.pid postmaster.opts
mkdir -p pg_wal/archive_status pg_wal/summaries
: >standby.signal
`;

/** Copies as the server's account, so that this account owns all of it. */
async function copyData(
  from: string,
  to: string,
  account: ServerAccount | undefined,
): Promise<void> {
  await promisify(execFile)('/bin/sh', ['-c', COPY, 'sh', from, to], runAs(account));
}

async function writeLabel(
  path: string,
  label: string,
  account: ServerAccount | undefined,
): Promise<void> {
  await writeFile(path, label, { mode: 0o600 });
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

/** Returns the line of primary_conninfo. The superuser's password has no character that needs escaping here. */
function renderConnection(superuserUrl: string): string {
  return `primary_conninfo = '${superuserUrl}?sslmode=disable'\n`;
}
