import { execFile } from 'node:child_process';
import { appendFile, chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConnstormError } from '../../errors.ts';
import { describeEnd, readLogTail, runAs, startProgram } from '../process/program.ts';
import type { ServerAccount } from '../process/server-account.ts';
import type { Binaries } from './binaries.ts';
import { createCertificate } from './certificate.ts';
import { TLS } from './settings.ts';
import { type AuthMethod, STORM } from './storm-role.ts';

export const SUPERUSER = 'postgres';

/** A cluster that was created and never started. A copy of it takes a tenth of the time of initdb. */
export interface ClusterTemplate {
  /** A data folder of the same version, readable by the server's account. */
  dataFolder: string;
  superuserPassword: string;
}

export interface ClusterOptions {
  /** The lab's folder. */
  folder: string;
  binaries: Binaries;
  account: ServerAccount | undefined;
  /** Lines to append to postgresql.conf. */
  conf: string;
  auth: AuthMethod;
  superuserPassword: string;
  /** The data folder of a template with this superuser password; undefined: initdb makes the cluster. */
  templateFolder?: string | undefined;
  /** Whether its data folder gets a certificate, for a server that speaks TLS. */
  tls?: boolean;
  /** Folder of the Unix socket; undefined: there is none. */
  socketFolder?: string | undefined;
}

/**
 * Creates a cluster in the lab's folder and configures it, but does not start it.
 *
 * @returns its data folder
 * @throws ConnstormError with initdb's own words if it fails
 */
export async function createCluster(options: ClusterOptions): Promise<string> {
  const dataFolder = join(options.folder, 'data');
  const { templateFolder, account } = options;
  if (templateFolder === undefined) await runInitdb(dataFolder, options);
  else await promisify(execFile)('cp', ['-a', templateFolder, dataFolder], runAs(account));
  await appendFile(join(dataFolder, 'postgresql.conf'), options.conf);
  await writeFile(join(dataFolder, 'pg_hba.conf'), renderHba(options));
  if (options.tls === true) await writeIdentity(dataFolder, account);
  return dataFolder;
}

/** Returns the paths of the certificate of a cluster that speaks TLS, and of its key. */
export function findIdentity(dataFolder: string): { certPath: string; keyPath: string } {
  return {
    certPath: join(dataFolder, TLS.ssl_cert_file),
    keyPath: join(dataFolder, TLS.ssl_key_file),
  };
}

async function writeIdentity(
  dataFolder: string,
  account: ServerAccount | undefined,
): Promise<void> {
  const { cert, key } = createCertificate();
  const { certPath, keyPath } = findIdentity(dataFolder);
  for (const [path, text] of Object.entries({ [certPath]: cert, [keyPath]: key })) {
    await writeFile(path, text, { mode: 0o600 });
    if (account !== undefined) await chown(path, account.uid, account.gid);
  }
}

async function runInitdb(dataFolder: string, options: ClusterOptions): Promise<void> {
  const { folder, binaries, account } = options;
  const logPath = join(folder, 'initdb.log');
  const passwordPath = join(folder, 'superuser-password');
  await writeFile(passwordPath, options.superuserPassword, { mode: 0o600 });
  if (account !== undefined) await chown(passwordPath, account.uid, account.gid);

  // biome-ignore format: one flag a line says less
  const args = [
    '-D', dataFolder, '-U', SUPERUSER, `--pwfile=${passwordPath}`, '--auth=scram-sha-256',
    '--encoding=UTF8', '--no-locale', '--no-sync', '--wal-segsize=1',
  ];
  const initdb = await startProgram(binaries.initdb, args, logPath, { account });
  initdb.child.ref();
  const end = await initdb.ended;
  await rm(passwordPath, { force: true });
  if (end.code !== 0) {
    throw new ConnstormError(
      'internal',
      'LAB_INITDB',
      `the lab's initdb ${describeEnd(end)}: ${await readLogTail(logPath)}`,
    );
  }
}

/**
 * Returns the text of pg_hba.conf: only the two database users may log in, and only from this machine. The superuser
 * may also replicate.
 */
function renderHba({ auth, socketFolder }: ClusterOptions): string {
  return [
    // The whole loopback net, for connection.localAddresses.
    `host ${STORM} ${STORM} 127.0.0.0/8 ${auth}`,
    ...(socketFolder === undefined ? [] : [`local ${STORM} ${STORM} ${auth}`]),
    `host all ${SUPERUSER} 127.0.0.1/32 scram-sha-256`,
    `host replication ${SUPERUSER} 127.0.0.1/32 scram-sha-256`,
    '',
  ].join('\n');
}
