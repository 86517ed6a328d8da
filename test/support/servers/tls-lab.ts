import { chmod, chown, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Lab } from '../../../src/lab/lab.ts';
import type { Identity } from './known/certificate.js';

export interface TlsLabOptions {
  server: Identity;
  /** Whom the server trusts to have signed clients' certificates. */
  clientAuthority: Identity;
  /** Lines of pg_hba.conf ahead of the lab's own. */
  hba: string[];
  /** Statements run as the superuser. */
  sql: string[];
}

/** Gives a lab that runs TLS, and resolves when every connection from now on meets it. */
export async function secureLab(lab: Lab, options: TlsLabOptions): Promise<void> {
  const { server, clientAuthority, hba, sql } = options;
  const data = join(lab.folder, 'data');
  await writeServerFile(data, 'server.crt', server.cert);
  await writeServerFile(data, 'server.key', server.key);
  await writeServerFile(data, 'clients.crt', clientAuthority.cert);
  const client = new pg.Client(lab.superuserUrl);
  await client.connect();
  try {
    for (const statement of sql) await client.query(statement);
    const { rows } = await client.query<{ lines: string }>(
      "SELECT pg_read_file(current_setting('hba_file')) AS lines",
    );
    await writeServerFile(data, 'pg_hba.conf', [...hba, rows[0]?.lines].join('\n'));
    await client.query("ALTER SYSTEM SET ssl_ca_file = 'clients.crt'");
    await client.query('ALTER SYSTEM SET ssl = on');
    await reload(client);
  } finally {
    await client.end();
  }
}

/** A session's own time of loading changes after the postmaster has begun to: connections that follow wait for it. */
async function reload(client: pg.Client): Promise<void> {
  const readTime = async () =>
    (await client.query<{ at: Date }>('SELECT pg_conf_load_time() AS at')).rows[0]?.at.getTime();
  const before = await readTime();
  await client.query('SELECT pg_reload_conf()');
  const deadline = performance.now() + 40_000;
  while ((await readTime()) === before) {
    if (performance.now() > deadline) throw new Error('the server did not reload');
  }
}

/** The server runs under an account of its own where we are root. */
async function writeServerFile(data: string, name: string, text: string): Promise<void> {
  const path = join(data, name);
  const { uid, gid } = await stat(data);
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
  if (process.getuid?.() === 0) await chown(path, uid, gid);
}
