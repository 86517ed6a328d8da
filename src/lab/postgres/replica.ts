import { execFile } from 'node:child_process';
import { appendFile, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { runAs } from '../process/program.ts';
import type { ServerAccount } from '../process/server-account.ts';
import { asSuperuser } from './as-superuser.ts';
import { type Postmaster, type PostmasterOptions, startPostmaster } from './postmaster.ts';

/**
 * Copies a running primary, and starts the copy as a hot standby that follows it. It works like pg_basebackup, which
 * the embedded Postgres lacks:
 * https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP.
 *
 * @throws the server's error if the primary does not permit it (`wal_level=minimal`); ConnstormError if the copy does
 *   not start or does not become ready
 */
export async function startReplica(
  primary: PostmasterOptions,
  superuserUrl: string,
): Promise<{ postmaster: Postmaster; options: PostmasterOptions }> {
  const { name, account } = primary;
  const folder = await createReplicaFolder(primary);
  const dataFolder = join(folder, 'data');
  const label = await backUp(primary, superuserUrl, dataFolder);
  await writeLabel(join(dataFolder, 'backup_label'), label, account);
  const connection = `primary_conninfo = '${renderConnection(superuserUrl, name)}'\n`;
  await appendFile(join(dataFolder, 'postgresql.conf'), connection);
  const options = { ...primary, folder, dataFolder };
  const postmaster = await startPostmaster(options);
  await waitUntilStreaming(superuserUrl, name);
  return { postmaster, options };
}

async function createReplicaFolder({ name, folder, account }: PostmasterOptions): Promise<string> {
  const replicaFolder = join(folder, name);
  await mkdir(replicaFolder, { mode: 0o700 });
  if (account !== undefined) await chown(replicaFolder, account.uid, account.gid);
  return replicaFolder;
}

const STREAM_TIMEOUT_MS = 30_000;
const POLL_MS = 20;

/** Waits until the primary sends its WAL to the replica of that name. */
async function waitUntilStreaming(superuserUrl: string, name: string): Promise<void> {
  await asSuperuser(superuserUrl, async (client) => {
    const deadline = performance.now() + STREAM_TIMEOUT_MS;
    while (performance.now() < deadline) {
      const { rowCount } = await client.query(STREAMING, [name]);
      if ((rowCount ?? 0) > 0) return;
      await delay(POLL_MS);
    }
    throw new Error(`it did not follow its primary within ${STREAM_TIMEOUT_MS / 1000} s`);
  });
}

const STREAMING =
  "SELECT 1 FROM pg_stat_replication WHERE application_name = $1 AND state = 'streaming'";

/**
 * Copies the primary's data folder while the primary is in backup mode.
 *
 * @returns the text of backup_label, without which the copy would recover from the wrong place
 */
async function backUp(
  { dataFolder, account }: PostmasterOptions,
  superuserUrl: string,
  to: string,
): Promise<string> {
  return asSuperuser(superuserUrl, async (client) => {
    // Start and stop in one session: the backup is given up otherwise.
    await client.query("SELECT pg_backup_start('replica', fast => true)");
    await copyData(dataFolder, to, account);
    const { rows } = await client.query<{ labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)',
    );
    return rows[0]?.labelfile ?? '';
  });
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

/**
 * Returns the value of primary_conninfo. The superuser's password has no character that needs escaping here.
 *
 * @param name how the primary's views call the replica
 */
export function renderConnection(superuserUrl: string, name: string): string {
  return `${superuserUrl}?sslmode=disable&application_name=${name}`;
}
