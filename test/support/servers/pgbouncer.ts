import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../../src/lab/check-settings.ts';
import type { Lab } from '../../../src/lab/lab.ts';
import { findPgBouncer } from '../../../src/lab/pgbouncer/find-pgbouncer.ts';
import type { Pooler } from '../../../src/lab/pgbouncer/pgbouncer.ts';
import type { PoolerOptions } from '../../../src/lab/pgbouncer/pgbouncer-ini.ts';
import { findServerAccount } from '../../../src/lab/process/server-account.ts';
import type { Identity } from './known/certificate.js';

/** For the names of tests that need it. */
export const NO_PGBOUNCER =
  findPgBouncer() === undefined ? ' (skipped: pgbouncer is not installed)' : '';

export interface PgBouncerOptions extends PoolerOptions {
  /** Clients may use TLS, with this certificate; `clientTls` says how (client_tls_sslmode), `require` unless given. */
  identity?: Identity;
  clientTls?: 'allow' | 'prefer' | 'require';
}

/** Runs `use` with a PgBouncer of its own; prints its log where it fails. */
export async function withPgBouncer<T>(
  lab: Lab,
  options: PgBouncerOptions,
  use: (pooler: Pooler) => Promise<T>,
): Promise<T> {
  const { identity, clientTls = 'require', settings, ...others } = options;
  const tls = identity === undefined ? {} : await giveIdentity(lab, identity, clientTls);
  const pooler = await lab.startPooler({ ...others, settings: { ...tls, ...settings } });
  try {
    return await use(pooler);
  } catch (error) {
    console.error(`PgBouncer's log:\n${await readFile(pooler.logPath, 'utf8')}`);
    throw error;
  } finally {
    await pooler.stop();
  }
}

async function giveIdentity(
  { folder }: Lab,
  { key, cert }: Identity,
  clientTls: string,
): Promise<Settings> {
  const paths = { key: join(folder, 'pooler.key'), cert: join(folder, 'pooler.crt') };
  await giveFile(paths.key, key);
  await giveFile(paths.cert, cert);
  return {
    client_tls_sslmode: clientTls,
    client_tls_key_file: paths.key,
    client_tls_cert_file: paths.cert,
  };
}

/** To the account that PgBouncer runs under where we are root. */
async function giveFile(path: string, text: string): Promise<void> {
  const account = findServerAccount();
  await writeFile(path, text, { mode: 0o600 });
  if (account !== undefined) await chown(path, account.uid, account.gid);
}
