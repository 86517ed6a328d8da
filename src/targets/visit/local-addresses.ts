import { createServer, isIPv6 } from 'node:net';
import type { ConnectionPlan } from '../../drivers/driver.ts';
import { isUnixSocket } from '../../drivers/endpoint.ts';
import { UsageError } from '../../errors.ts';
import type { Target } from '../target.ts';
import { describeServer } from './describe.ts';

/** Resolves if sockets can be bound to all of the addresses. Otherwise throws UsageError with one line. */
export async function checkLocalAddresses(addresses: readonly string[]): Promise<void> {
  for (const [index, address] of addresses.entries()) {
    const errno = await tryBind(address);
    if (errno === undefined) continue;
    throw new UsageError(
      'LOCAL_ADDRESS',
      `connection.localAddresses[${index}] must be an address of this machine, got ${address} (${errno}): name one that \`ip address\` lists`,
    );
  }
}

/**
 * Checks whether a plan fits a target. A Unix socket has no local addresses and no RST. A socket that is bound to an
 * address of one family cannot reach one of the other. Throws UsageError with one line.
 */
export function checkPlanFits(
  { localAddresses, close }: Pick<ConnectionPlan, 'localAddresses' | 'close'>,
  target: Target,
): void {
  if (isUnixSocket(target.address)) {
    if (localAddresses.length > 0) throw refuseAtSocket('localAddresses must be left out', target);
    if (close === 'reset') throw refuseAtSocket("close must not be reset, which is TCP's", target);
  } else checkFamily(localAddresses, target);
}

function refuseAtSocket(what: string, target: Target): UsageError {
  const message = `connection.${what}: ${describeServer(target)} is a Unix socket`;
  return new UsageError('UNIX_SOCKET', message);
}

function checkFamily(addresses: readonly string[], target: Target): void {
  const isV6 = isIPv6(target.address);
  const index = addresses.findIndex((address) => isIPv6(address) !== isV6);
  if (index === -1) return;
  throw new UsageError(
    'LOCAL_ADDRESS',
    `connection.localAddresses[${index}] must be IPv${isV6 ? 6 : 4}, as ${describeServer(target)} is, got ${addresses[index]}`,
  );
}

/**
 * Returns why the system does not let connstorm bind to an address, or undefined. It tries, because lists of interfaces
 * leave out most of 127.0.0.0/8.
 */
function tryBind(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen({ host: address, port: 0 }, () => probe.close(() => resolve(undefined)));
  });
}
