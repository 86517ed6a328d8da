import { isIPv6 } from 'node:net';
import type { Attempt } from '../driver.ts';
import { type Endpoint, isUnixSocket } from '../endpoint.ts';
import type { Link, LinkOwner } from './link.ts';
import { createSocketOptions, SocketLink, type SocketPath } from './socket-link.ts';
import { loadTcpBinding, type TcpBinding } from './tcp-binding.ts';
import { TcpLink, type TcpPath } from './tcp-link.ts';

export type CreateLink = (owner: LinkOwner, attempt: Attempt) => Link;

/** The most bytes of one read. All connections of a driver read into the same buffer, one after another. */
const READ_BUFFER_BYTES = 65_536;

/**
 * Returns how attempts to `endpoint` connect: by Node's own TCP handle if this Node provides it, else by net.Socket. A
 * Unix socket always uses net.Socket. Attempt i is bound to the local address i modulo their number.
 */
export function chooseLinks(
  endpoint: Endpoint,
  localAddresses: readonly string[],
  binding: TcpBinding | null = loadTcpBinding(),
): CreateLink {
  const { address, port, keepaliveIdleS } = endpoint;
  const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  if (isUnixSocket(address)) return createSocketLinks([{ path: address }], readBuffer);
  const from = localAddresses.length === 0 ? [undefined] : localAddresses;
  const paths = from.map((localAddress) => ({
    address,
    port,
    isIPv6: isIPv6(address),
    localAddress,
    keepaliveIdleS,
  }));
  if (binding === null) return createSocketLinks(paths.map(toSocketPath), readBuffer);
  const shared = { binding, readBuffer, spareWrite: new binding.WriteWrap() };
  return (owner, { index }) => new TcpLink(shared, owner, pick(paths, index));
}

function createSocketLinks(paths: readonly SocketPath[], readBuffer: Buffer): CreateLink {
  const options = createSocketOptions(readBuffer);
  return (owner, { index }) => new SocketLink(options, owner, pick(paths, index));
}

function toSocketPath(path: TcpPath): SocketPath {
  const { address, port, isIPv6, localAddress, keepaliveIdleS } = path;
  return {
    ...{ host: address, port, family: isIPv6 ? 6 : 4, autoSelectFamily: false },
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(keepaliveIdleS === undefined ? {} : { keepaliveIdleS }),
  };
}

function pick<T>(paths: readonly T[], index: number): T {
  const path = paths[index % paths.length];
  if (path === undefined) throw new Error('there is nothing to connect with');
  return path;
}
