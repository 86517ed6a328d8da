import { createPrivateKey, type KeyObject } from 'node:crypto';
import { invalid } from './invalid.ts';

/** The contents of a private key's file, and the password that may open it. */
export interface PrivateKeyFile {
  path: string;
  bytes: Buffer;
  /** sslpassword; undefined: none was given. A key that is not encrypted does not need it. */
  passphrase: string | undefined;
}

/** Kinds of keys in DER: https://www.rfc-editor.org/rfc/rfc5958 (PKCS#8), rfc8017 (PKCS#1, RSA), rfc5915 (SEC1, EC). */
const DER_TYPES = ['pkcs8', 'pkcs1', 'sec1'] as const;

/**
 * Returns the key as PEM that is not encrypted. The file may hold PEM or DER, encrypted or not. As in libpq, it is read
 * as PEM first, then as DER. Throws UsageError if it is no key or cannot be opened, and never quotes the password.
 */
export function openPrivateKey(file: PrivateKeyFile): string {
  const key = tryPem(file) ?? tryDer(file);
  if (key === undefined) throw describeUseless(file);
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function tryPem({ bytes, passphrase = '' }: PrivateKeyFile): KeyObject | undefined {
  return attempt(() => createPrivateKey({ key: bytes, format: 'pem', passphrase }));
}

function tryDer({ bytes, passphrase = '' }: PrivateKeyFile): KeyObject | undefined {
  for (const type of DER_TYPES) {
    const key = attempt(() => createPrivateKey({ key: bytes, format: 'der', type, passphrase }));
    if (key !== undefined) return key;
  }
  return undefined;
}

/**
 * Returns the key, or undefined for any error. OpenSSL's message can be the same for a wrong format and a wrong
 * password, so it is not kept.
 */
function attempt(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function describeUseless({ path, bytes, passphrase }: PrivateKeyFile): Error {
  if (!isEncrypted(bytes)) return invalid(`sslkey ${path} is not a private key in PEM or DER`);
  return passphrase === undefined
    ? invalid(`sslkey ${path} is encrypted: give its password with sslpassword`)
    : invalid(`sslkey ${path} is encrypted, and sslpassword does not open it: check the password`);
}

/** PKCS#5's object identifier (1.2.840.113549.1.5). The scheme of an encrypted PKCS#8 key in DER begins with it. */
const PKCS5 = Buffer.from('2a864886f70d0105', 'hex');
/** The identifier stands within these first bytes. */
const DER_HEADER_BYTES = 32;

function isEncrypted(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  if (text.includes('-----BEGIN')) {
    return /BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(text);
  }
  return bytes.subarray(0, DER_HEADER_BYTES).includes(PKCS5);
}
