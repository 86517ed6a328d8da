import { readFile } from 'node:fs/promises';
import { createTlsContext, type TlsSettings } from '../../drivers/transport/tls.ts';
import { describeUnreadable, isMissing } from './settings/file-trouble.ts';
import { invalid } from './settings/invalid.ts';
import type { Environment } from './sources/environment.ts';
import { locateUserFile } from './sources/home.ts';

const LIST = /-----BEGIN X509 CRL-----.*?-----END X509 CRL-----/gs;

/**
 * The lists of revoked certificates that sslcrl names, or ~/.postgresql/root.crl holds; undefined where there are none. As in libpq
 * they go with a root certificate from a file, and then every CA of a chain needs one. What libpq passes over is told: a list that
 * is named and cannot be used is refused, one that is only found is left alone with a warning.
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
    const told = `sslcrl ${path} ${describeTrouble(error)}`;
    if (sslcrl !== undefined) throw invalid(told);
    warnings.push(`${told}; it is ignored`);
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
