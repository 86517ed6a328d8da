import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { readMonotonicUs } from '../../clock.ts';
import { isUnixSocket } from '../../drivers/endpoint.ts';
import { UnreachableError } from '../../errors.ts';
import type { Target } from '../target.ts';
import type { ResolvedHost } from './resolved-target.ts';

/** Resolves with all addresses of a host name, in the order to try them. Rejects if there is none. */
export type Lookup = (host: string) => Promise<string[]>;

export async function lookupAll(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true, verbatim: true });
  return found.map(({ address }) => address);
}

/**
 * Resolves the names in the targets' `address`, one after another. A name that does not resolve is returned as
 * `unresolved` of its host, so that the others can be tried. With a single host, its UnreachableError is thrown.
 * `dnsUs`: time of all lookups in microseconds; null if there were none.
 */
export async function resolveHosts(
  targets: readonly Target[],
  resolveName: Lookup,
): Promise<{ hosts: ResolvedHost[]; dnsUs: number | null }> {
  const isLookedUp = targets.some(({ address }) => needsLookup(address));
  const startUs = readMonotonicUs();
  const hosts: ResolvedHost[] = [];
  for (const target of targets) hosts.push(await resolveHost(target, resolveName));
  const dnsUs = isLookedUp ? readMonotonicUs() - startUs : null;
  const [first, ...others] = hosts;
  if (others.length === 0 && first?.unresolved !== undefined) throw first.unresolved;
  return { hosts, dnsUs };
}

function needsLookup(address: string): boolean {
  return isIP(address) === 0 && !isUnixSocket(address);
}

async function resolveHost(target: Target, resolveName: Lookup): Promise<ResolvedHost> {
  const { address: name } = target;
  if (!needsLookup(name)) return { target, addresses: [name] };
  try {
    const addresses = await resolveName(name);
    return { target: { ...target, address: addresses[0] ?? name }, addresses };
  } catch (cause) {
    const { code = 'no address' } = cause as NodeJS.ErrnoException;
    const message = `cannot resolve host "${name}" (${code}): check the host in the connection string or PGHOST`;
    const unresolved = new UnreachableError('HOST_UNRESOLVED', message, { cause });
    return { target, addresses: [], unresolved };
  }
}
