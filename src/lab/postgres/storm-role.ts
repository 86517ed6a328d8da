import { asSuperuser } from './as-superuser.ts';

/** Methods by which the storm's database user may log in, by their names in pg_hba.conf. */
export const AUTH_METHODS = ['scram-sha-256', 'md5', 'password', 'trust'] as const;
export type AuthMethod = (typeof AUTH_METHODS)[number];

/** Name of the storm's database user, and of its database. */
export const STORM = 'storm';

export interface StormRoleOptions {
  auth: AuthMethod;
  password: string;
  /** The server's version, e.g. `18.4`. */
  version: string;
}

/**
 * Creates the ordinary database user that the storm logs in as, and its database, over a connection of the superuser.
 */
export async function createStormRole(
  superuserUrl: string,
  { auth, password, version }: StormRoleOptions,
): Promise<void> {
  // A password is stored for one method. If it is stored for SCRAM, the server asks for SCRAM even under md5.
  const encryption = auth === 'md5' ? 'md5' : 'scram-sha-256';
  await asSuperuser(superuserUrl, async (client) => {
    await client.query(`SET password_encryption = '${encryption}'`);
    await client.query(`CREATE ROLE ${STORM} LOGIN PASSWORD '${password}'`);
    await client.query(`CREATE DATABASE ${STORM} OWNER ${STORM}`);
    if (Number.parseInt(version, 10) >= 15) {
      // Permits a connection to ask the server for its own times of the connect.
      await client.query(`GRANT SET ON PARAMETER log_connections TO ${STORM}`);
    }
  });
}

/** Returns the user's password as the server keeps it: an md5 hash or a SCRAM verifier. */
export async function readStormSecret(superuserUrl: string): Promise<string> {
  return asSuperuser(superuserUrl, async (client) => {
    const { rows } = await client.query<{ rolpassword: string }>(
      'SELECT rolpassword FROM pg_authid WHERE rolname = $1',
      [STORM],
    );
    return rows[0]?.rolpassword ?? '';
  });
}
