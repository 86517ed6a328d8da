import { SUPERUSER } from './cluster.ts';
import { type AuthMethod, STORM } from './storm-role.ts';

/** How the lab's database users log in to each of its servers. */
export interface Logins {
  auth: AuthMethod;
  superuserPassword: string;
  /** The password of the storm's database user; with `trust` it has one, too, but does not need it. */
  stormPassword: string;
  /** Whether the storm's connections use TLS. */
  tls: boolean;
}

/**
 * Returns the URL for the storm, which lists the ports of one or several servers of 127.0.0.1. Under `password`
 * the URL permits a cleartext password, because the lab may have no TLS.
 *
 * @param parameters further parameters of the connection string, by name
 */
export function createStormUrl(
  { auth, stormPassword, tls }: Logins,
  ports: readonly number[],
  parameters: Readonly<Record<string, string>> = {},
): string {
  const login = auth === 'trust' ? STORM : `${STORM}:${stormPassword}`;
  const all = {
    ...(auth === 'password' ? { require_auth: 'password' } : {}),
    ...(tls ? { sslmode: 'require' } : {}),
    ...parameters,
  };
  const query = new URLSearchParams(all).toString();
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join(',');
  return `postgres://${login}@${hosts}/${STORM}${query === '' ? '' : `?${query}`}`;
}

/** Returns the URL of the superuser at one server. */
export function createSuperuserUrl({ superuserPassword }: Logins, port: number): string {
  return `postgres://${SUPERUSER}:${superuserPassword}@127.0.0.1:${port}/postgres`;
}
