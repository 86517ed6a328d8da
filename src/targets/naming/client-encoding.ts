import { invalid } from './settings/invalid.ts';
import type { Environment } from './sources/environment.ts';

/** The locales of programs that take what bytes there are. */
const PLAIN_LOCALES = ['', 'C', 'POSIX'];

/**
 * libpq's client_encoding for the StartupMessage. A name is the server's to judge; `auto` is the locale's encoding, of which
 * UTF-8 and none at all are known here. Throws UsageError for `auto` in another locale.
 */
export function settleClientEncoding(asked: string, env: Environment): string {
  if (asked !== 'auto') return asked;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  if (/\.utf-?8(?:@|$)/i.test(locale)) return 'UTF8';
  if (PLAIN_LOCALES.includes(locale)) return 'SQL_ASCII';
  throw invalid(
    `client_encoding=auto needs a locale in UTF-8, and this one is "${locale}": name the encoding, as in client_encoding=LATIN1`,
  );
}
