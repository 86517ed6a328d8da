import { createHash } from 'node:crypto';

/** libpq's channel_binding: whether SCRAM is tied to the server's certificate, so that nobody can stand in between. */
export const CHANNEL_BINDINGS = ['disable', 'prefer', 'require'] as const;
export type ChannelBinding = (typeof CHANNEL_BINDINGS)[number];

/**
 * The channel binding `tls-server-end-point` (RFC 5929, section 4.1): the server's certificate (DER), hashed with the
 * hash of its signature, or SHA-256 in the place of MD5 and SHA-1. Undefined where the signature has no such hash
 * (Ed25519) or an unknown one: then there is no binding.
 */
export function hashEndPoint(certificate: Buffer): Buffer | undefined {
  const hash = HASHES[findSignatureHash(certificate)];
  return hash === undefined ? undefined : createHash(hash).update(certificate).digest();
}

/** Object identifiers as their DER in hex: signature algorithms (RFC 8017, RFC 5758) and bare hashes. */
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
 * Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OID, parameters }, signature }; with
 * RSASSA-PSS the parameters name the hash: SEQUENCE { [0] SEQUENCE { OID } DEFAULT SHA-1, ... }.
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

/** Where the content of the DER value at `at` is; past the end of what is no DER, where nothing is found. */
function readValue(der: Buffer, at: number): { tag: number; start: number; end: number } {
  const tag = der[at] ?? 0;
  let length = der[at + 1] ?? 0;
  let start = at + 2;
  if (length >= 0x80) {
    // Not the length but the count of the bytes that follow with it.
    const bytes = der.subarray(start, start + (length & 0x7f));
    start += bytes.length;
    length = bytes.reduce((sum, byte) => sum * 0x100 + byte, 0);
  }
  return { tag, start, end: start + length };
}
