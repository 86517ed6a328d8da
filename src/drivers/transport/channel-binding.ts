import { createHash } from 'node:crypto';

/** libpq's channel_binding: whether SCRAM is tied to the server's certificate, which keeps a man in the middle out. */
export const CHANNEL_BINDINGS = ['disable', 'prefer', 'require'] as const;
export type ChannelBinding = (typeof CHANNEL_BINDINGS)[number];

/**
 * Returns the data of the channel binding `tls-server-end-point` (RFC 5929, section 4.1): the hash of the server's
 * certificate (DER). The hash function is that of the certificate's signature, but SHA-256 in place of MD5 and SHA-1.
 * Returns undefined if the signature has no such function (Ed25519) or an unknown one; then there is no binding.
 */
export function hashEndPoint(certificate: Buffer): Buffer | undefined {
  const hash = HASHES[findSignatureHash(certificate)];
  return hash === undefined ? undefined : createHash(hash).update(certificate).digest();
}

/** Hashes by object identifier, as its DER in hex: of signature algorithms (RFC 8017, RFC 5758) and of hashes alone. */
const HASHES: Record<string, string> = {
  '2a864886f70d010104': 'sha256', // md5WithRSAEncryption
  '2a864886f70d010105': 'sha256', // sha1WithRSAEncryption
  '2a864886f70d01010e': 'sha224',
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
  '2a8648ce3d0401': 'sha256', // ecdsa-with-SHA1
  '2a8648ce3d040301': 'sha224',
  '2a8648ce3d040302': 'sha256',
  '2a8648ce3d040303': 'sha384',
  '2a8648ce3d040304': 'sha512',
  '2b0e03021a': 'sha256', // SHA-1
  '608648016503040204': 'sha224',
  '608648016503040201': 'sha256',
  '608648016503040202': 'sha384',
  '608648016503040203': 'sha512',
};
const RSASSA_PSS = '2a864886f70d01010a';
const SHA1 = '2b0e03021a';
const CONTEXT_0 = 0xa0;

/**
 * Returns the identifier that names the hash of a certificate's signature. Certificate ::= SEQUENCE { tbsCertificate,
 * signatureAlgorithm SEQUENCE { OID, parameters }, signature }. With RSASSA-PSS the parameters name the hash: SEQUENCE
 * { [0] SEQUENCE { OID } DEFAULT SHA-1, ... }.
 */
function findSignatureHash(certificate: Buffer): string {
  const signed = readValue(certificate, readValue(certificate, 0).start);
  const algorithm = readValue(certificate, readValue(certificate, signed.end).start);
  const name = certificate.toString('hex', algorithm.start, algorithm.end);
  if (name !== RSASSA_PSS) return name;
  const hash = readValue(certificate, readValue(certificate, algorithm.end).start);
  if (hash.tag !== CONTEXT_0) return SHA1;
  const hashName = readValue(certificate, readValue(certificate, hash.start).start);
  return certificate.toString('hex', hashName.start, hashName.end);
}

/** Returns where the content of the DER value at `at` lies. For bytes that are no DER this may be beyond their end. */
function readValue(der: Buffer, at: number): { tag: number; start: number; end: number } {
  const tag = der[at] ?? 0;
  let length = der[at + 1] ?? 0;
  let start = at + 2;
  if (length >= 0x80) {
    // This byte is not the length, but the number of bytes that hold it.
    const bytes = der.subarray(start, start + (length & 0x7f));
    start += bytes.length;
    length = bytes.reduce((sum, byte) => sum * 0x100 + byte, 0);
  }
  return { tag, start, end: start + length };
}
