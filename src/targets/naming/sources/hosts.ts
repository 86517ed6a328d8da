import { isIP } from 'node:net';
import { formatCounted } from '../../../counted.ts';
import { invalid } from '../settings/invalid.ts';
import { isSocketDirectory, socketPath } from '../settings/unix-socket.ts';
import type { GivenParameters, GivenValue } from './given.ts';

/** One of the servers that a target names. */
export interface HostSpec {
  /** A name, an IP address or a Unix socket's directory; undefined: the default. */
  host: string | undefined;
  /** An IP address to use instead of resolving `host`. */
  hostAddress: string | undefined;
  port: number;
}

const DEFAULT_PORT = 5432;
/** connstorm logs in to each of them before the storm. */
const MAX_HOSTS = 100;

/**
 * Reads libpq's lists of hosts. If host and hostaddr are both given, they have equally many entries. There is one port
 * for all, or one for each. An empty entry is the default. Without host and hostaddr there is one host, the default.
 * Throws UsageError for anything else.
 */
export function readHosts(given: GivenParameters): HostSpec[] {
  const hosts = readList(given.get('host'), readHost);
  const addresses = readList(given.get('hostaddr'), readAddress);
  const ports = readList(given.get('port'), readPort);
  const count = addresses.length || hosts.length || 1;
  if (count > MAX_HOSTS) throw invalid(`target must name at most ${MAX_HOSTS} hosts, got ${count}`);
  if (hosts.length > 0 && hosts.length !== count) {
    throw invalid(
      `target names ${formatCounted(hosts.length, 'host')} and ${count} of hostaddr: the numbers must be equal`,
    );
  }
  if (ports.length > 1 && ports.length !== count) {
    throw invalid(
      `target names ${ports.length} ports for ${count === 1 ? 'one host' : `${count} hosts`}: give one port for all, or one for each`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const port = (ports.length === 1 ? ports[0] : ports[index]) ?? DEFAULT_PORT;
    return checkSocket({ host: hosts[index], hostAddress: addresses[index], port });
  });
}

/** Reads a list. An empty entry is undefined; an empty value has no entries. */
function readList<T>(
  given: GivenValue | undefined,
  read: (entry: string, source: string) => T,
): (T | undefined)[] {
  if (given === undefined || given.value === '') return [];
  const { value, source } = given;
  return value.split(',').map((entry) => (entry === '' ? undefined : read(entry, source)));
}

function readHost(value: string, source: string): string {
  if (value.startsWith('@')) {
    throw invalid(
      `${source} is an abstract Unix socket, which is not supported: name the socket's directory, as in /var/run/postgresql`,
    );
  }
  if (isSocketDirectory(value)) return value;
  // No host has such characters. The text may be part of a password, so it is not quoted.
  if (/[\s/@;=?&#]/.test(value)) {
    throw invalid(`${source} must be a host name, an IP address or a Unix socket's directory`);
  }
  return value;
}

function readAddress(value: string, source: string): string {
  if (isIP(value) === 0) throw invalid(`${source} must be an IP address, or a list of them`);
  return value;
}

function readPort(value: string, source: string): number {
  const text = value.trim();
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  // Text that is not a number may be part of a password, so it is not quoted.
  const got = /^\d+$/.test(text) ? `, got ${text}` : '';
  const hint = got === '' && source.startsWith('target URL') ? PIECE_OF_PASSWORD : '';
  throw invalid(`${source} must be a number from 1 to 65535${got}${hint}`);
}

const PIECE_OF_PASSWORD =
  ': if a part of a password got there, write @ / ? # in it as %40 %2F %3F %23';

/** Checks a socket's path: the system call would cut one that is too long, or refuse it without a reason. */
function checkSocket(spec: HostSpec): HostSpec {
  const { host, hostAddress, port } = spec;
  if (host !== undefined && hostAddress === undefined && isSocketDirectory(host)) {
    socketPath(host, port);
  }
  return spec;
}
