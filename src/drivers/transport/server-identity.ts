import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Whether a certificate is for `host`, as libpq's verify-full has it: undefined, or the error that Node has for it.
 *
 * Node takes an address only where the certificate has it as an iPAddress. libpq takes it as a dNSName too, which older
 * tools write, and as the common name where the certificate has no iPAddress
 * (src/interfaces/libpq/fe-secure-openssl.c, pgtls_verify_peer_name_matches_certificate_guts).
 */
export function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const problem = checkServerIdentity(host, certificate);
  if (problem === undefined || isIP(host) === 0) return problem;
  return namesAddress(new X509Certificate(certificate.raw), host) ? undefined : problem;
}

/** Without wildcards: `*.0.0.1` is no address. A quoted name can at worst hide the common name, which refuses more. */
function namesAddress(certificate: X509Certificate, address: string): boolean {
  const hasAddress = certificate.subjectAltName?.includes('IP Address:') === true;
  const subject = hasAddress ? 'never' : 'always';
  return certificate.checkHost(address, { subject, wildcards: false }) !== undefined;
}
