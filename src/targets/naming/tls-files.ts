import { X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createTlsContext, type TlsSettings } from '../../drivers/transport/tls.ts';
import type { SslMode } from '../../scenario/schema/sslmode.ts';
import { readRevocationLists } from './revocation.ts';
import { describeOpenMode, describeUnreadable, isMissing } from './settings/file-trouble.ts';
import { invalid } from './settings/invalid.ts';
import { nameSslMode } from './settings/name-sslmode.ts';
import { openPrivateKey } from './settings/private-key.ts';
import { checkTlsVersions } from './settings/tls-versions.ts';
import type { Environment } from './sources/environment.ts';
import { locateUserFile } from './sources/home.ts';
import type { TargetSpec } from './sources/parameters.ts';

/** The settings of a target that concern TLS. */
export type TlsSpec = Pick<
  TargetSpec,
  | 'sslmode'
  | 'sslmodeKey'
  | 'sslnegotiation'
  | 'sslrootcert'
  | 'sslcert'
  | 'sslkey'
  | 'sslpassword'
  | 'sslcrl'
  | 'tlsMinVersion'
  | 'tlsMaxVersion'
>;

export interface TlsFiles {
  /** The sslmode to use. It is `verify-ca` if `require` was asked for and there is a root certificate, as in libpq. */
  sslmode: SslMode;
  /** Absent: sslmode alone says everything. */
  tls?: TlsSettings;
  warnings: string[];
}

const BEGIN_CERTIFICATE = '-----BEGIN CERTIFICATE-----';

/**
 * Reads the certificates and the key that a target names, or that libpq would find in ~/.postgresql (root.crt,
 * root.crl, postgresql.crt, postgresql.key). Reads them once, before the run. sslrootcert `system` means what Node
 * trusts, which is not always what the system trusts. Under `prefer` nothing is verified: libpq would answer a wrong
 * certificate by going on without TLS, but an attempt is one socket. Without `env` nothing is looked for in
 * ~/.postgresql.
 *
 * Throws UsageError for combinations that libpq refuses, and for files that are missing, unreadable or unusable.
 * https://www.postgresql.org/docs/18/libpq-ssl.html
 */
export async function readTlsFiles(spec: TlsSpec, env: Environment | undefined): Promise<TlsFiles> {
  const sslmode = decideSslMode(spec);
  if (sslmode === 'disable') return { sslmode, warnings: [] };
  const warnings: string[] = [];
  const roots = await readRoots(sslmode, spec, env, warnings);
  const own = await readOwnCertificate(spec, env, warnings);
  const negotiation = spec.sslnegotiation ?? 'postgres';
  const tls = { negotiation, ...roots, ...own, ...checkTlsVersions(spec) };
  if (sslmode === 'require' && roots !== undefined) {
    return { sslmode: 'verify-ca', tls: { ...tls, askedSslmode: sslmode }, warnings };
  }
  const isPlain =
    roots === undefined && Object.keys(tls).length === 1 && negotiation === 'postgres';
  return { sslmode, ...(isPlain ? {} : { tls }), warnings };
}

function decideSslMode(spec: TlsSpec): SslMode {
  const { sslmode, sslrootcert, sslnegotiation } = spec;
  const decided = sslmode ?? (sslrootcert === 'system' ? 'verify-full' : 'prefer');
  const named = nameSslMode(spec, decided);
  if (sslrootcert === 'system' && decided !== 'verify-full') {
    throw invalid(`${named} is too weak for sslrootcert=system: use verify-full`);
  }
  if (sslnegotiation === 'direct' && (decided === 'disable' || decided === 'prefer')) {
    throw invalid(
      `${named} is too weak for sslnegotiation=direct: use require, verify-ca or verify-full`,
    );
  }
  return decided;
}

/** Reads the root certificates. Undefined if nothing is to be verified, under `prefer` or `require`. */
async function readRoots(
  sslmode: SslMode,
  spec: TlsSpec,
  env: Environment | undefined,
  warnings: string[],
): Promise<Pick<TlsSettings, 'rootCertificates' | 'revocationLists'> | undefined> {
  const { sslrootcert: given, sslcrl } = spec;
  const named = nameSslMode(spec, sslmode);
  if (sslmode === 'prefer') {
    for (const [name, value] of Object.entries({ sslrootcert: given, sslcrl })) {
      if (value === undefined) continue;
      warnings.push(`${name} is not used, because ${named} verifies nothing; verify-full does`);
    }
    return undefined;
  }
  if (given === 'system') {
    if (sslcrl !== undefined) {
      warnings.push('sslcrl is not used: as in libpq, it needs an sslrootcert that is a file');
    }
    return {};
  }
  const path = given ?? locateDefault(env, 'root.crt');
  if (path === undefined || (given === undefined && !(await exists(path)))) {
    if (sslmode === 'require') {
      if (sslcrl !== undefined) {
        warnings.push(`sslcrl is not used: there is no sslrootcert, so ${named} verifies nothing`);
      }
      return undefined;
    }
    const missing =
      path === undefined
        ? 'there is no home directory to look for ~/.postgresql/root.crt in'
        : `${path} does not exist`;
    throw invalid(
      `${named} needs a root certificate and ${missing}: name it with sslrootcert, or use sslrootcert=system`,
    );
  }
  if (given === undefined && (await isOutOfReach(path))) {
    const why = `this account cannot look for ${path}, because it may not enter the folder`;
    if (sslmode !== 'require') throw invalid(`${named} needs a root certificate and ${why}`);
    warnings.push(`${why}: as in libpq, ${named} then verifies nothing`);
    return undefined;
  }
  const rootCertificates = await readText(path, 'sslrootcert');
  checkPem(rootCertificates, `sslrootcert ${path}`);
  return { rootCertificates, ...(await readRevocationLists(sslcrl, env, warnings)) };
}

type OwnCertificate = Required<Pick<TlsSettings, 'certificate' | 'privateKey'>>;

/**
 * Reads the client's certificate. One that is found in ~/.postgresql and cannot be used is ignored with a warning,
 * because not every target asks for it.
 */
async function readOwnCertificate(
  { sslcert, sslkey, sslpassword }: TlsSpec,
  env: Environment | undefined,
  warnings: string[],
): Promise<OwnCertificate | undefined> {
  const certPath = sslcert ?? locateDefault(env, 'postgresql.crt');
  const keyPath = sslkey ?? locateDefault(env, 'postgresql.key');
  if (certPath === undefined || (sslcert === undefined && !(await exists(certPath)))) {
    if (sslkey !== undefined) {
      const nor = certPath ?? '~/.postgresql/postgresql.crt (there is no home directory)';
      warnings.push(`sslkey is not used: there is no sslcert, nor ${nor}`);
    }
    return undefined;
  }
  if (keyPath === undefined) {
    throw invalid(
      'sslcert needs its private key and there is no home directory to look for ~/.postgresql/postgresql.key in: name it with sslkey',
    );
  }
  if (sslcert !== undefined) {
    const isKeyMissing = sslkey === undefined && !(await exists(keyPath));
    // If the certificate is missing too, blame that first.
    if (isKeyMissing && (await exists(certPath))) {
      throw invalid(
        `sslcert needs its private key: sslkey is not given, and its default ${keyPath} does not exist; name it with sslkey`,
      );
    }
    return readPair(certPath, keyPath, sslpassword);
  }
  try {
    return await readPair(certPath, keyPath, sslpassword);
  } catch (error) {
    warnings.push(`${(error as Error).message}; ${certPath} is ignored`);
    return undefined;
  }
}

async function readPair(
  certPath: string,
  keyPath: string,
  passphrase: string | undefined,
): Promise<OwnCertificate> {
  const certificate = await readText(certPath, 'sslcert');
  checkPem(certificate, `sslcert ${certPath}`);
  await checkKeyMode(keyPath);
  const bytes = await readBytes(keyPath, 'sslkey');
  const privateKey = openPrivateKey({ path: keyPath, bytes, passphrase });
  try {
    createTlsContext({ negotiation: 'postgres', certificate, privateKey });
  } catch (cause) {
    const { reason, message } = cause as Error & { reason?: string };
    throw invalid(
      `sslkey ${keyPath} cannot be used with ${certPath} (${reason ?? message}): give the key that belongs to it`,
    );
  }
  return { certificate, privateKey };
}

/** Checks the key's mode by libpq's rule: only the owner may read it, or its group too if root is the owner. */
async function checkKeyMode(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const status = await stat(path).catch((error: unknown) => {
    throw cannotRead('sslkey', path, error);
  });
  if ((status.mode & (status.uid === 0 ? 0o037 : 0o077)) === 0) return;
  throw invalid(`sslkey ${path} ${describeOpenMode(status.mode)}: run chmod 600 on it`);
}

/** Checks that a text holds a certificate: Node accepts a text without one silently. */
function checkPem(text: string, what: string): void {
  try {
    if (!text.includes(BEGIN_CERTIFICATE)) throw new Error(`no ${BEGIN_CERTIFICATE}`);
    new X509Certificate(text);
  } catch (cause) {
    const { message } = cause as Error;
    throw invalid(`${what} is not a certificate in PEM (${message})`);
  }
}

/** Returns undefined if there is no home directory. */
function locateDefault(env: Environment | undefined, name: string): string | undefined {
  return env === undefined ? undefined : locateUserFile(env, `.postgresql/${name}`, name);
}

/** Returns whether a file exists. One that we may not look for counts as existing: reading it says what is wrong. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return !isMissing(error);
  }
}

/** Returns whether a folder above the file may not be entered, such as a HOME of /root under another account. */
async function isOutOfReach(path: string): Promise<boolean> {
  return stat(path).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'EACCES' || code === 'EPERM',
  );
}

async function readText(path: string, keyword: string): Promise<string> {
  return (await readBytes(path, keyword)).toString('utf8');
}

async function readBytes(path: string, keyword: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw cannotRead(keyword, path, error);
  }
}

function cannotRead(keyword: string, path: string, error: unknown): Error {
  return invalid(`${keyword} ${path} ${describeUnreadable(error)}`);
}
