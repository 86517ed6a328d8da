import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { openPrivateKey } from '../../../../src/targets/naming/settings/private-key.ts';
import { exportKey, type KeyFormat } from '../../../support/servers/export-key.ts';

const KEYS = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ed25519: generateKeyPairSync('ed25519').privateKey,
};
const PASSPHRASE = 'two words';
const ENCRYPTED = { cipher: 'aes-256-cbc', passphrase: PASSPHRASE };

type Format = [keyof typeof KEYS, KeyFormat['type'], KeyFormat['format']];

function write(kind: keyof typeof KEYS, format: KeyFormat): Buffer {
  return exportKey(KEYS[kind], format);
}

function openFile(bytes: Buffer, passphrase?: string): string {
  return openPrivateKey({ path: '/k', bytes, passphrase });
}

const pemOf = (kind: keyof typeof KEYS) => write(kind, { type: 'pkcs8', format: 'pem' }).toString();

describe('openPrivateKey', () => {
  it.each<Format>([
    ['rsa', 'pkcs8', 'pem'],
    ['rsa', 'pkcs8', 'der'],
    ['rsa', 'pkcs1', 'pem'],
    ['rsa', 'pkcs1', 'der'],
    ['ec', 'pkcs8', 'pem'],
    ['ec', 'pkcs8', 'der'],
    ['ec', 'sec1', 'pem'],
    ['ec', 'sec1', 'der'],
    ['ed25519', 'pkcs8', 'pem'],
    ['ed25519', 'pkcs8', 'der'],
  ])('reads %s as %s in %s, with a password that is not needed as well', (kind, type, format) => {
    const bytes = write(kind, { type, format });
    expect(openFile(bytes)).toBe(pemOf(kind));
    expect(openFile(bytes, 'not needed')).toBe(pemOf(kind));
  });

  it.each<Format>([
    ['rsa', 'pkcs8', 'pem'],
    ['rsa', 'pkcs8', 'der'],
    ['rsa', 'pkcs1', 'pem'],
    ['ec', 'pkcs8', 'der'],
    ['ec', 'sec1', 'pem'],
    ['ed25519', 'pkcs8', 'pem'],
  ])('opens an encrypted %s as %s in %s with its password alone', (kind, type, format) => {
    const bytes = write(kind, { type, format, ...ENCRYPTED });
    expect(openFile(bytes, PASSPHRASE)).toBe(pemOf(kind));
    expect(() => openFile(bytes)).toThrow(
      'sslkey /k is encrypted: give its password with sslpassword',
    );
    expect(() => openFile(bytes, 'wrong')).toThrow(
      'sslkey /k is encrypted, and sslpassword does not open it: check the password',
    );
  });

  it('skips what stands before the key in PEM', () => {
    const parameters =
      '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    const key = write('ec', { type: 'sec1', format: 'pem' });
    expect(openFile(Buffer.concat([Buffer.from(parameters), key]))).toBe(pemOf('ec'));
  });

  it.each(['', 'nonsense', '-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n'])(
    'takes %j for no key',
    (text) => {
      expect(() => openFile(Buffer.from(text))).toThrow(
        'sslkey /k is not a private key in PEM or DER',
      );
    },
  );
});
