// @ts-check

import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIPv4 } from 'node:net';

/**
 * A certificate with its key, both PEM.
 *
 * @typedef {object} Identity
 * @property {string} key
 * @property {string} cert
 * @property {string} endPointHash The certificate's hash by its signature's hash, in hex: the channel binding
 *   `tls-server-end-point` (RFC 5929).
 *
 * @typedef {object} CertificateOptions
 * @property {string} [commonName] Default `localhost`.
 * @property {string[]} [altNames] Host names and IPv4 addresses, `dns:` before an address makes a host name of it; none
 *   unless given.
 * @property {Identity & { commonName: string }} [issuer] Default: the certificate itself.
 * @property {boolean} [isAuthority]
 * @property {string} [notAfter] As ASN.1's UTCTime, default 2049.
 * @property {keyof typeof SIGNATURES} [signature] By the issuer's key, which must be of this kind. Default `ecdsa-sha256`.
 */

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const NULL = 0x05;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT = 0x80;
const CONSTRUCTED = 0xa0;
const TRUE = Buffer.from([0x01, 0x01, 0xff]);

const COMMON_NAME = '550403';
const BASIC_CONSTRAINTS = '551d13';
const SUBJECT_ALT_NAME = '551d11';
const SHA384 = '608648016503040202';

/** Signature algorithms: object identifier, parameters, how Node signs so, and what the end point is hashed with. */
export const SIGNATURES = {
  'ecdsa-sha1': { oid: '2a8648ce3d0401', hash: 'sha1', endPoint: 'sha256', key: 'ec' },
  'ecdsa-sha256': { oid: '2a8648ce3d040302', hash: 'sha256', endPoint: 'sha256', key: 'ec' },
  'ecdsa-sha384': { oid: '2a8648ce3d040303', hash: 'sha384', endPoint: 'sha384', key: 'ec' },
  'ecdsa-sha512': { oid: '2a8648ce3d040304', hash: 'sha512', endPoint: 'sha512', key: 'ec' },
  'rsa-sha1': { oid: '2a864886f70d010105', hash: 'sha1', endPoint: 'sha256', key: 'rsa' },
  'rsa-sha256': { oid: '2a864886f70d01010b', hash: 'sha256', endPoint: 'sha256', key: 'rsa' },
  'rsa-pss-sha384': { oid: '2a864886f70d01010a', hash: 'sha384', endPoint: 'sha384', key: 'rsa' },
  ed25519: { oid: '2b6570', hash: null, endPoint: null, key: 'ed25519' },
};

/**
 * A certificate that has just been made, with a key of its own (RFC 5280, version 3).
 *
 * @param {CertificateOptions} [options]
 * @returns {Identity & { commonName: string }}
 */
export function createCertificate(options = {}) {
  const { commonName = 'localhost', issuer, notAfter = '491231235959Z' } = options;
  const name = options.signature ?? 'ecdsa-sha256';
  const signature = SIGNATURES[name];
  const key = createKey(issuer === undefined ? signature.key : 'ec');
  const algorithm = describeAlgorithm(name);
  const signed = der(
    SEQUENCE,
    der(CONSTRUCTED, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, Buffer.from([1]), randomBytes(8)),
    algorithm,
    distinguishedName(issuer?.commonName ?? commonName),
    der(SEQUENCE, utcTime('200101000000Z'), utcTime(notAfter)),
    distinguishedName(commonName),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    extensions(options),
  );
  const signedBy = issuer?.key ?? key;
  const padding = name.startsWith('rsa-pss') ? { padding: 6, saltLength: 48 } : {};
  const proof = sign(signature.hash, signed, { key: signedBy, ...padding });
  const certificate = der(SEQUENCE, signed, algorithm, bitString(proof));
  const endPointHash = createHash(signature.endPoint ?? 'sha256')
    .update(certificate)
    .digest('hex');
  return { commonName, key, cert: toPem(certificate), endPointHash };
}

/**
 * A list of certificates that their CA has revoked (RFC 5280, version 2 without extensions), PEM.
 *
 * @param {Identity & { commonName: string }} issuer
 * @param {readonly string[]} revoked Their certificates.
 * @param {string} [nextUpdate] As ASN.1's UTCTime, default 2049.
 */
export function createRevocationList(issuer, revoked, nextUpdate = '491231235959Z') {
  const algorithm = describeAlgorithm('ecdsa-sha256');
  const entries = revoked.map((cert) => {
    const serial = Buffer.from(new X509Certificate(cert).serialNumber, 'hex');
    return der(SEQUENCE, der(INTEGER, serial), utcTime('200101000000Z'));
  });
  const signed = der(
    SEQUENCE,
    der(INTEGER, Buffer.from([1])),
    algorithm,
    distinguishedName(issuer.commonName),
    utcTime('200101000000Z'),
    utcTime(nextUpdate),
    ...(entries.length === 0 ? [] : [der(SEQUENCE, ...entries)]),
  );
  const proof = sign('sha256', signed, issuer.key);
  return toPem(der(SEQUENCE, signed, algorithm, bitString(proof)), 'X509 CRL');
}

/** @param {string} kind @returns {string} PEM. */
function createKey(kind) {
  const format = /** @type {const} */ ({ type: 'pkcs8', format: 'pem' });
  if (kind === 'rsa') {
    return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export(format).toString();
  }
  if (kind === 'ed25519') {
    return generateKeyPairSync('ed25519').privateKey.export(format).toString();
  }
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(format).toString();
}

/** @param {keyof typeof SIGNATURES} name */
function describeAlgorithm(name) {
  const oid = objectId(SIGNATURES[name].oid);
  if (name === 'rsa-pss-sha384') return der(SEQUENCE, oid, pssParameters());
  return name.startsWith('rsa') ? der(SEQUENCE, oid, der(NULL)) : der(SEQUENCE, oid);
}

/** SHA-384, MGF1 with it, a salt of its length (RFC 4055). */
function pssParameters() {
  const hash = der(SEQUENCE, objectId(SHA384), der(NULL));
  const mask = der(SEQUENCE, objectId('2a864886f70d010108'), hash);
  const salt = der(INTEGER, Buffer.from([48]));
  return der(
    SEQUENCE,
    der(CONSTRUCTED, hash),
    der(CONSTRUCTED + 1, mask),
    der(CONSTRUCTED + 2, salt),
  );
}

/** @param {CertificateOptions} options */
function extensions({ isAuthority = false, altNames = [] }) {
  const constraints = der(SEQUENCE, isAuthority ? TRUE : Buffer.alloc(0));
  const list = [extension(BASIC_CONSTRAINTS, TRUE, constraints)];
  if (altNames.length > 0) {
    const names = der(SEQUENCE, ...altNames.map(altName));
    list.push(extension(SUBJECT_ALT_NAME, Buffer.alloc(0), names));
  }
  return der(CONSTRUCTED + 3, der(SEQUENCE, ...list));
}

/** @param {string} oid @param {Buffer} critical @param {Buffer} value */
const extension = (oid, critical, value) =>
  der(SEQUENCE, objectId(oid), critical, der(OCTET_STRING, value));

/** @param {string} name */
const altName = (name) =>
  isIPv4(name)
    ? der(CONTEXT + 7, Buffer.from(name.split('.').map(Number)))
    : der(CONTEXT + 2, Buffer.from(name.replace(/^dns:/, '')));

/** @param {string} commonName */
const distinguishedName = (commonName) =>
  der(
    SEQUENCE,
    der(SET, der(SEQUENCE, objectId(COMMON_NAME), der(UTF8_STRING, Buffer.from(commonName)))),
  );

/** @param {Buffer} bytes */
const bitString = (bytes) => der(BIT_STRING, Buffer.from([0]), bytes);

/** @param {string} hex */
const objectId = (hex) => der(OBJECT_ID, Buffer.from(hex, 'hex'));

/** @param {string} text */
const utcTime = (text) => der(UTC_TIME, Buffer.from(text));

/** @param {Buffer} bytes @param {string} kind */
function toPem(bytes, kind = 'CERTIFICATE') {
  // An empty line at the end, where the last one is full, is no PEM to OpenSSL.
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${kind}-----\n${lines.join('\n')}\n-----END ${kind}-----\n`;
}

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
