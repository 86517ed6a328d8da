import pg from 'pg';

/** How the storm's role may log in, as pg_hba.conf calls the methods. */
export const AUTH_METHODS = ['scram-sha-256', 'md5', 'password', 'trust'] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** The storm's role, and its database. */
export const STORM = 'storm';

export interface StormRoleOptions {
  auth: AuthMethod;
  password: string;
  /** The server's, e.g. `18.4`. */
  version: string;
}

/** Creates the ordinary role that the storm logs in with, and its database, over a connection of the superuser's. */
export async function createStormRole(
  superuserUrl: string,
  { auth, password, version }: StormRoleOptions,
): Promise<void> {
  // A password is stored for one method; with one stored for SCRAM the server would ask for SCRAM under md5 too.
  const encryption = auth === 'md5' ? 'md5' : 'scram-sha-256';
  await asSuperuser(superuserUrl, async (client) => {
    await client.query(`SET password_encryption = '${encryption}'`);
    await client.query(`CREATE ROLE ${STORM} LOGIN PASSWORD '${password}'`);
    await client.query(`CREATE DATABASE ${STORM} OWNER ${STORM}`);
    if (Number.parseInt(version, 10) >= 15) {
      // Lets a connection ask the server for its own timing of the connect.
      await client.query(`GRANT SET ON PARAMETER log_connections TO ${STORM}`);
    }
  });
}

/** The role's password as the server keeps it: an md5 hash or a SCRAM verifier. */
export async function readStormSecret(superuserUrl: string): Promise<string> {
  return asSuperuser(superuserUrl, async (client) => {
    const { rows } = await client.query<{ rolpassword: string }>(
      'SELECT rolpassword FROM pg_authid WHERE rolname = $1',
      [STORM],
    );
    return rows[0]?.rolpassword ?? '';
  });
}

async function asSuperuser<T>(
  superuserUrl: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: superuserUrl,
    connectionTimeoutMillis: 30_000,
    // These two also keep PGSSLMODE and PGOPTIONS out, which are not meant for the lab.
    ssl: false,
    options: '-c default_transaction_read_only=off',
  });
  // A server that goes is told by the query that fails, too.
  client.on('error', () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
