import type { KeyExportOptions, KeyObject } from 'node:crypto';

export interface KeyFormat {
  type: 'pkcs8' | 'pkcs1' | 'sec1';
  format: 'pem' | 'der';
  cipher?: string;
  passphrase?: string;
}

/** The bytes of a private key's file. Node's types know each format by itself alone. */
export function exportKey(key: KeyObject, format: KeyFormat): Buffer {
  return Buffer.from(key.export(format as KeyExportOptions<'pem'>));
}
