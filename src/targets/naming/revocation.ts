import { readFile } from 'node:fs/promises';
import { createTlsContext, type TlsSettings } from '../../drivers/transport/tls.ts';
import { describeUnreadable, isMissing } from './settings/file-trouble.ts';
import { invalid } from './settings/invalid.ts';
import type { Environment } from './sources/environment.ts';
import { locateUserFile } from './sources/home.ts';

const LIST = /-----BEGIN X509 CRL-----.*?-----END X509 CRL-----/gs;

/**
 * Reads the lists of revoked certificates that sslcrl names, or that ~/.postgresql/root.crl holds; undefined if there
 * are none. As in libpq they need a root certificate from a file, and every CA of a chain needs a list then. libpq
 * passes over a list that it cannot use. Here a named one is refused (UsageError), and one that was only found is
 * ignored, with a warning.
 */
export async function readRevocationLists(
  sslcrl: string | undefined,
  env: Environment | undefined,
  warnings: string[],
): Promise<Pick<TlsSettings, 'revocationLists'> | undefined> {
  const path = sslcrl ?? (env && locateUserFile(env, '.postgresql/root.crl', 'root.crl'));
  if (path === undefined) return undefined;
  try {
    return { revocationLists: parseLists(await readFile(path, 'utf8')) };
  } catch (error) {
    if (sslcrl === undefined && isMissing(error)) return undefined;
    const problem = `sslcrl ${path} ${describeTrouble(error)}`;
    if (sslcrl !== undefined) throw invalid(problem);
    warnings.push(`${problem}; it is ignored`);
    return undefined;
  }
}

function parseLists(text: string): string[] {
  const revocationLists = text.match(LIST) ?? [];
  if (revocationLists.length === 0) throw new Error('no -----BEGIN X509 CRL-----');
  createTlsContext({ negotiation: 'postgres', revocationLists });
  return revocationLists;
}

function describeTrouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const isOfSystem = code !== undefined && !code.startsWith('ERR_');
  return isOfSystem
    ? describeUnreadable(error)
    : `is no list of revoked certificates in PEM (${message})`;
}
