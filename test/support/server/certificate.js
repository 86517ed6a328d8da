// @ts-check

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;

const OID_COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]);
const OID_ECDSA_WITH_SHA256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]);

/**
 * A self-signed certificate of `CN=localhost` that has just been made, valid until 2049 (RFC 5280, version 1).
 *
 * @returns {{ key: string, cert: string, endPointHash: Buffer }} PEM, and the certificate's SHA-256: the channel
 *   binding `tls-server-end-point` (RFC 5929).
 */
export function createCertificate() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = der(SEQUENCE, der(OBJECT_ID, OID_ECDSA_WITH_SHA256));
  const commonName = der(
    SEQUENCE,
    der(OBJECT_ID, OID_COMMON_NAME),
    der(UTF8_STRING, Buffer.from('localhost')),
  );
  const name = der(SEQUENCE, der(SET, commonName));
  const signed = der(
    SEQUENCE,
    der(INTEGER, Buffer.from([1]), randomBytes(8)),
    algorithm,
    name,
    der(SEQUENCE, utcTime('200101000000Z'), utcTime('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', signed, privateKey);
  const certificate = der(
    SEQUENCE,
    signed,
    algorithm,
    der(BIT_STRING, Buffer.from([0]), signature),
  );
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    endPointHash: createHash('sha256').update(certificate).digest(),
  };
}

/** @param {string} text */
const utcTime = (text) => der(UTC_TIME, Buffer.from(text));

/** One DER value. @param {number} tag @param {...Buffer} parts */
function der(tag, ...parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...derLength(body.length)]), body]);
}

/** Up to 127 in one byte, else the count of the bytes that follow. @param {number} length */
function derLength(length) {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 0xff];
}
