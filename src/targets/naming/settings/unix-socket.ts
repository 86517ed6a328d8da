import { invalid } from './invalid.ts';

/** Size of sun_path in the system's sockaddr_un, without the final NUL. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
/** The default folders: that of libpq, and that of Debian and systems derived from it. */
export const DEFAULT_SOCKET_DIRECTORIES = ['/tmp', '/var/run/postgresql'];

/** Returns whether a host is the directory of a Unix socket. libpq takes every absolute path for one. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/');
}

/** Returns the path of the socket for that port. Throws UsageError for a path that is too long for a socket. */
export function socketPath(directory: string, port: number): string {
  const path = `${directory}/.s.PGSQL.${port}`;
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return path;
  throw invalid(
    `target: the path of the Unix socket is too long (${path}): it must have at most ${MAX_PATH_BYTES} bytes, and has ${bytes}`,
  );
}
