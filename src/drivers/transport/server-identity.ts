import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Checks whether a certificate is for `host`, by the rules of libpq's verify-full. Returns undefined, or Node's error.
 *
 * Node accepts an address only if the certificate has it as an iPAddress. libpq also accepts it as a dNSName, which
 * older tools write, and as the common name if the certificate has no iPAddress
 * (src/interfaces/libpq/fe-secure-openssl.c, pgtls_verify_peer_name_matches_certificate_guts).
 */
export function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const problem = checkServerIdentity(host, certificate);
  if (problem === undefined || isIP(host) === 0) return problem;
  return namesAddress(new X509Certificate(certificate.raw), host) ? undefined : problem;
}

/**
 * Returns whether a certificate has the address as a name, without wildcards: `*.0.0.1` is no address. A quoted name
 * can at worst hide the common name, which refuses more.
 */
function namesAddress(certificate: X509Certificate, address: string): boolean {
  const hasAddress = certificate.subjectAltName?.includes('IP Address:') === true;
  const subject = hasAddress ? 'never' : 'always';
  return certificate.checkHost(address, { subject, wildcards: false }) !== undefined;
}
