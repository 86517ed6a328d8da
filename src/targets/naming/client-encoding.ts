import { invalid } from './settings/invalid.ts';
import type { Environment } from './sources/environment.ts';

/** Locales that stand for no encoding. */
const PLAIN_LOCALES = ['', 'C', 'POSIX'];

/**
 * Returns libpq's client_encoding for the StartupMessage. The server judges a name. `auto` means the locale's encoding;
 * only UTF-8 and no encoding are known here. Throws UsageError for `auto` in another locale.
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
