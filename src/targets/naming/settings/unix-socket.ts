import { invalid } from './invalid.ts';

/** sun_path of the system's sockaddr_un, without the NUL at its end. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;
/** Where libpq looks unless told: its own choice, and that of Debian and its kin. */
export const DEFAULT_SOCKET_DIRECTORIES = ['/tmp', '/var/run/postgresql'];

/** Whether a host is the directory of a Unix socket: libpq takes every absolute path for one. */
export function isSocketDirectory(host: string): boolean {
  return host.startsWith('/');
}

/** Where the server of that port listens. Throws UsageError for a path that no socket can have. */
export function socketPath(directory: string, port: number): string {
  const path = `${directory}/.s.PGSQL.${port}`;
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_PATH_BYTES) return path;
  throw invalid(
    `target: the path of the Unix socket is too long (${path}): it must have at most ${MAX_PATH_BYTES} bytes, and has ${bytes}`,
  );
}
