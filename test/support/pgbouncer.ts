import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPgBouncer } from '../../src/lab/find-pgbouncer.ts';
import type { Lab } from '../../src/lab/lab.ts';
import type { Pooler } from '../../src/lab/pgbouncer.ts';
import type { PoolerOptions } from '../../src/lab/pgbouncer-ini.ts';
import { findServerAccount } from '../../src/lab/server-account.ts';
import type { Identity } from './server/certificate.js';

/** For the names of tests that need it. */
export const NO_PGBOUNCER =
  findPgBouncer() === undefined ? ' (skipped: pgbouncer is not installed)' : '';

export interface PgBouncerOptions extends PoolerOptions {
  /** Clients may use TLS, with this certificate; `clientTls` says how (client_tls_sslmode), `require` unless given. */
  identity?: Identity;
  clientTls?: 'allow' | 'prefer' | 'require';
}

/** The lab's PgBouncer, with a certificate where there is one; ends with the lab at the latest. */
export async function startPgBouncer(lab: Lab, options: PgBouncerOptions = {}): Promise<Pooler> {
  const { identity, clientTls = 'require', settings, ...others } = options;
  if (identity === undefined) return lab.startPooler(options);
  const paths = { key: join(lab.folder, 'pooler.key'), cert: join(lab.folder, 'pooler.crt') };
  await giveFile(paths.key, identity.key);
  await giveFile(paths.cert, identity.cert);
  const tls = {
    client_tls_sslmode: clientTls,
    client_tls_key_file: paths.key,
    client_tls_cert_file: paths.cert,
  };
  return lab.startPooler({ ...others, settings: { ...tls, ...settings } });
}

/** Runs `use` with a PgBouncer of its own; prints its log where it fails. */
export async function withPgBouncer<T>(
  lab: Lab,
  options: PgBouncerOptions,
  use: (pooler: Pooler) => Promise<T>,
): Promise<T> {
  const pooler = await startPgBouncer(lab, options);
  try {
    return await use(pooler);
  } catch (error) {
    console.error(`PgBouncer's log:\n${await readFile(pooler.logPath, 'utf8')}`);
    throw error;
  } finally {
    await pooler.stop();
  }
}

/** To the account that PgBouncer runs under where we are root. */
async function giveFile(path: string, text: string): Promise<void> {
  const account = findServerAccount();
  await writeFile(path, text, { mode: 0o600 });
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
