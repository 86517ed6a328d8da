import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashEndPoint } from '../../../src/drivers/transport/channel-binding.ts';
import { createCertificate } from '../../support/servers/known/certificate.js';

describe('hashEndPoint', () => {
  it.each([
    'ecdsa-sha1',
    'ecdsa-sha256',
    'ecdsa-sha384',
    'ecdsa-sha512',
    'rsa-sha1',
    'rsa-sha256',
    'rsa-pss-sha384',
  ] as const)("hashes a certificate signed by %s with its signature's hash", (signature) => {
    const { cert, endPointHash } = createCertificate({ signature });
    const certificate = new X509Certificate(cert);
    // The test's own certificates are right: OpenSSL reads them and finds the signature good.
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(hashEndPoint(certificate.raw)?.toString('hex')).toBe(endPointHash);
  });

  it('survives what is no certificate', () => {
    const { raw } = new X509Certificate(createCertificate().cert);
    for (let at = 0; at < raw.length; at++) {
      for (const byte of [0x00, 0x7f, 0x80, 0x84, 0xff]) {
        const mutated = Buffer.from(raw);
        mutated[at] = byte;
        expect(() => hashEndPoint(mutated)).not.toThrow();
      }
      expect(() => hashEndPoint(raw.subarray(0, at))).not.toThrow();
    }
  });

  it('has nothing for a signature without a hash of its own', () => {
    const { cert } = createCertificate({ signature: 'ed25519' });
    expect(hashEndPoint(new X509Certificate(cert).raw)).toBeUndefined();
  });
});
