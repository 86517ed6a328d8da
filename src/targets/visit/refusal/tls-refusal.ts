import type { X509Certificate } from 'node:crypto';
import { describeFailure } from '../../../failure-text.ts';
import type { Failure } from '../../../model/measures.ts';
import type { Target } from '../../target.ts';
import { describeBrokenChain } from './certificate-chain.ts';

/**
 * What direct TLS needs. A server without it either closes the connection at the TLS hello, or answers in plain bytes.
 */
export const DIRECT_NEEDS = 'sslnegotiation=direct needs PostgreSQL 17 or later with TLS on';

/**
 * Describes a failed handshake, without the server's name: what is wrong, and how to go on. `chain`: the certificates
 * that the server sends, if they were read. They help if the failure is `isOfUnknownIssuer`.
 */
export function describeTlsRefusal(
  { tls }: Target,
  { code, message }: Failure,
  chain: readonly X509Certificate[] = [],
): string {
  const got = `(${describeFailure({ code, message })})`;
  if (isVerdictOnCertificate(code)) {
    const [own, ...issuers] = chain;
    const advice =
      own !== undefined && UNKNOWN_ISSUER.has(code)
        ? describeBrokenChain([own, ...issuers], tls?.rootCertificates)
        : adviseOnCertificate(code, tls?.rootCertificates !== undefined);
    return `has a certificate that is not trusted ${got}: ${advice}`;
  }
  if (IS_VERSION.test(code)) return describeVersions(tls, got);
  if (NOT_TLS.has(code)) {
    return tls?.negotiation === 'direct'
      ? `answered the TLS handshake with something that is not TLS ${got}: check the port; ${DIRECT_NEEDS}`
      : `offers TLS and then speaks something else ${got}: check the port, and what is in between`;
  }
  const own = OWN_CERTIFICATE.find(([words]) => words.test(code))?.[1];
  if (own !== undefined) return `does not accept the client certificate ${got}: ${own}`;
  if (!isFromServer(code)) {
    return `offers TLS that connstorm's TLS library (Node's OpenSSL) refuses ${got}: a newer TLS version or a stronger key on the server may help`;
  }
  return `failed TLS ${got}: see the log of the server or pooler`;
}

/** Returns whether the server's certificates do not lead to a trusted one. */
export function isOfUnknownIssuer({ layer, code }: Failure): boolean {
  return layer === 'protocol' && UNKNOWN_ISSUER.has(code);
}

/** Codes of either side if they have no common version of TLS. */
const IS_VERSION =
  /ALERT_PROTOCOL_VERSION|^ERR_SSL_(?:UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE|VERSION_TOO_LOW)$/;

function describeVersions(tls: Target['tls'], got: string): string {
  const { minVersion = 'TLSv1.2', maxVersion } = tls ?? {};
  const asked =
    maxVersion === undefined ? `${minVersion} or later` : `${minVersion} to ${maxVersion}`;
  return `speaks no version of TLS that connstorm may use, ${asked} ${got}: change ssl_min_protocol_version or ssl_max_protocol_version, in the connection string or in postgresql.conf`;
}

/** Returns whether OpenSSL rejected the server's certificate. Errors of the handshake itself begin with ERR_SSL_. */
function isVerdictOnCertificate(code: string): boolean {
  return !code.startsWith('ERR_') && code !== 'EPROTO';
}

/**
 * Returns whether the server reported the error: by an alert (OpenSSL names some without that word), or by closing the
 * connection. Its log may then show the reason. Other errors were found on this side; of those the server logs at most
 * an alert.
 */
function isFromServer(code: string): boolean {
  return /_ALERT_|^ERR_SSL_TLSV1_|_UNEXPECTED_EOF_|^EPROTO$/.test(code);
}

/**
 * Returns advice for a rejected certificate. `hasRoots`: whether trusted certificates were given, or found in
 * ~/.postgresql.
 */
function adviseOnCertificate(code: string, hasRoots: boolean): string {
  if (!UNKNOWN_ISSUER.has(code)) return CERTIFICATE_ADVICE[code] ?? 'check sslrootcert';
  return hasRoots
    ? "sslrootcert does not contain the CA of the server's certificate: name that CA's certificate"
    : 'name the certificate of its CA with sslrootcert';
}

const UNKNOWN_ISSUER = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const CERTIFICATE_ADVICE: Record<string, string> = {
  CERT_HAS_EXPIRED: "renew it, or check this machine's clock",
  CERT_NOT_YET_VALID: 'check the clocks of both machines',
  CERT_REVOKED:
    'its CA has revoked it, as sslcrl or ~/.postgresql/root.crl says: give the server another certificate',
  UNABLE_TO_GET_CRL:
    'sslcrl or ~/.postgresql/root.crl must contain the revocation list of each CA above it, and one of them is missing: add it',
  CRL_HAS_EXPIRED:
    'a list in sslcrl or ~/.postgresql/root.crl has expired: fetch a new one from its CA',
  CRL_NOT_YET_VALID: 'check the clocks of both machines',
  CRL_SIGNATURE_FAILURE:
    'a list in sslcrl or ~/.postgresql/root.crl is not signed by the CA that it names: fetch it again',
};

/** OpenSSL's codes for bytes that are no TLS. */
const NOT_TLS = new Set([
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'ERR_SSL_UNEXPECTED_MESSAGE',
  'ERR_SSL_BAD_RECORD_TYPE',
]);

/** Advice by the TLS alert with which the server rejects the client certificate (RFC 8446, 6.2). */
const OWN_CERTIFICATE: readonly (readonly [RegExp, string])[] = [
  [
    /ALERT_CERTIFICATE_EXPIRED/,
    'it has expired: renew sslcert, or check the clocks of both machines',
  ],
  [/ALERT_CERTIFICATE_REVOKED/, 'it is revoked: give another with sslcert and sslkey'],
  [/ALERT_CERTIFICATE_REQUIRED/, 'none was given: give one with sslcert and sslkey'],
  [
    /ALERT_UNKNOWN_CA/,
    "its CA is not in the server's ssl_ca_file: give another with sslcert and sslkey, or put the intermediate CA's certificate after your own in sslcert",
  ],
  [/ALERT_(?:BAD|UNSUPPORTED)_CERTIFICATE|ALERT_CERTIFICATE_UNKNOWN/, 'check sslcert and sslkey'],
];
