import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A certificate and its private key, both PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** Bits of the key: those of `openssl req -new -x509`, as in Postgres's manual, and of the default of many clouds. */
const KEY_BITS = 2048;
const DAY_MS = 86_400_000;
const VALID_DAYS = 365;

/** Tags of ASN.1 (X.690). */
const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  /** An IP address among alternative names. */
  address: 0x87,
  explicit0: 0xa0,
  explicit3: 0xa3,
} as const;

const NAME = Buffer.from('connstorm lab');
const COMMON_NAME = objectId('550403');
const SHA256_WITH_RSA = der(TAG.sequence, objectId('2a864886f70d01010b'), der(TAG.null));
/** The extension subjectAltName, with the address of the lab's servers. */
const ALT_NAME = der(
  TAG.sequence,
  objectId('551d11'),
  der(TAG.octetString, der(TAG.sequence, der(TAG.address, Buffer.from([127, 0, 0, 1])))),
);

/**
 * Makes a certificate for 127.0.0.1 that signs itself, with an RSA key of its own (RFC 5280, version 3). Node can sign,
 * but has no function that makes a certificate. This is small enough to need no library, and the openssl program is not
 * everywhere.
 */
export function createCertificate(now = Date.now()): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: KEY_BITS });
  const name = der(TAG.sequence, der(TAG.set, der(TAG.sequence, COMMON_NAME, der(TAG.utf8, NAME))));
  const signed = der(
    TAG.sequence,
    der(TAG.explicit0, der(TAG.integer, Buffer.from([2]))),
    der(TAG.integer, Buffer.from([1]), randomBytes(8)),
    SHA256_WITH_RSA,
    name,
    // A clock that is a little behind still finds it valid.
    der(TAG.sequence, utcTime(now - DAY_MS), utcTime(now + VALID_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(TAG.explicit3, der(TAG.sequence, ALT_NAME)),
  );
  const proof = der(TAG.bitString, Buffer.from([0]), sign('sha256', signed, privateKey));
  return {
    cert: toPem(der(TAG.sequence, signed, SHA256_WITH_RSA, proof)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function objectId(hex: string): Buffer {
  return der(TAG.objectId, Buffer.from(hex, 'hex'));
}

/** `YYMMDDhhmmssZ`, which serves until 2049. */
function utcTime(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, '');
  return der(TAG.utcTime, Buffer.from(`${digits.slice(2, 14)}Z`));
}

/** Returns one value in DER. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...encodeLength(body.length)]), body]);
}

/** Lengths up to 127 take one byte; others follow a byte with their number of bytes. */
function encodeLength(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 0xff];
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
