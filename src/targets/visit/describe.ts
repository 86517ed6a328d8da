import { isIPv6 } from 'node:net';
import { isUnixSocket } from '../../drivers/endpoint.ts';
import { isSocketDirectory } from '../naming/settings/unix-socket.ts';
import type { Target } from '../target.ts';

/**
 * Returns a server's name for people: `db.example.com:5432 (10.0.0.1)`, `127.0.0.1:5432`, `[::1]:5432`,
 * `/tmp/.s.PGSQL.5432`.
 */
export function describeServer(target: Pick<Target, 'host' | 'address' | 'port'>): string {
  const { host, address, port } = target;
  if (isUnixSocket(address)) return address;
  const server = nameServer(host, port);
  return host === address ? server : `${server} (${address})`;
}

/** Returns the target as a URL for people, without password and parameters. */
export function describeTarget(target: Target): string {
  const { host, port, user, database } = target;
  const server = isSocketDirectory(host)
    ? `${encodeURIComponent(host)}:${port}`
    : nameServer(host, port);
  return `postgres://${encodeURIComponent(user)}@${server}/${encodeURIComponent(database)}`;
}

function nameServer(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
