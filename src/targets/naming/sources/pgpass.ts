import { readFile, stat } from 'node:fs/promises';
import { describeOpenMode, describeUnreadable, isMissing } from '../settings/file-trouble.ts';
import { DEFAULT_SOCKET_DIRECTORIES } from '../settings/unix-socket.ts';
import { locateUserFile } from './home.ts';

/** The login to find a password for. `host` is as given, not resolved. */
export interface PasswordKey {
  host: string;
  port: number;
  database: string;
  user: string;
}

/** Returns PGPASSFILE, else the platform's password file; undefined if there is no home directory to hold one. */
export function locatePasswordFile(env: Record<string, string | undefined>): string | undefined {
  return env.PGPASSFILE || locateUserFile(env, '.pgpass', 'pgpass.conf');
}

/**
 * Reads the password for `key` from a file; absent if it has none. As in libpq, a file that is missing or unreadable
 * says nothing. A file on which group or others have any permission is ignored, and `warning` says so. `trouble`: why a
 * file that `isNamed` cannot be read, to explain a missing password.
 * https://www.postgresql.org/docs/18/libpq-pgpass.html
 */
export async function readPassword(
  file: string,
  key: PasswordKey,
  isNamed = false,
): Promise<{ password?: string; warning?: string; trouble?: string }> {
  try {
    const status = await stat(file);
    if (!status.isFile()) return { warning: `${file} is not a plain file: it is ignored` };
    if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
      return {
        warning: `${file} ${describeOpenMode(status.mode)}, and is ignored: run chmod 600 on it`,
      };
    }
    return findPassword(await readFile(file, 'utf8'), key);
  } catch (error) {
    if (!isNamed) return {};
    const why = isMissing(error) ? 'is not there' : describeUnreadable(error);
    return { trouble: `the password file ${file} ${why}` };
  }
}

/**
 * Returns the password of the first line that matches: host:port:database:user:password, where `*` matches all, and `\`
 * escapes `:` and `\`. libpq calls a Unix socket in the default directory `localhost`. That directory depends on how
 * libpq was built, so a line here may also name the directory itself.
 */
function findPassword(text: string, key: PasswordKey): { password?: string } {
  const isDefault = DEFAULT_SOCKET_DIRECTORIES.includes(key.host);
  const found = isDefault ? findLine(text, { ...key, host: 'localhost' }) : {};
  return found.password === undefined ? findLine(text, key) : found;
}

function findLine(text: string, key: PasswordKey): { password?: string } {
  const wanted = [key.host, String(key.port), key.database, key.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line);
    const password = fields[wanted.length];
    if (password === undefined || password === '') continue;
    if (wanted.every((value, i) => fields[i] === '*' || unescapeField(fields[i]) === value)) {
      return { password: unescapeField(password) };
    }
  }
  return {};
}

function splitFields(line: string): string[] {
  return [...line.matchAll(/((?:\\.|[^:])*)(?::|$)/g)].map((match) => match[1] ?? '');
}

function unescapeField(field = ''): string {
  return field.replace(/\\(.)/g, '$1');
}
