import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/** The server chooses the names in its certificates, so they may have any length. */
const MAX_NAME_CHARACTERS = 80;

/**
 * Returns a line for people: why a chain of certificates does not lead to a trusted one, and how to go on.
 *
 * @param chain the certificates that the server sends: its own first, each followed by its issuer
 * @param trusted PEM, the content of sslrootcert; undefined: the certificates that Node trusts
 */
export function describeBrokenChain(
  chain: readonly [X509Certificate, ...X509Certificate[]],
  trusted: string | undefined,
): string {
  const roots = parseCertificates(trusted);
  const holder = trusted === undefined ? 'Node (sslrootcert=system)' : 'sslrootcert';
  const last = chain.at(-1) ?? chain[0];
  const issuer = roots.find((root) => last.checkIssued(root));
  if (isSelfIssued(last)) {
    return `the chain that it sends ends at ${quoteName(last.subject)}, which ${holder} does not contain: name the certificate of that CA with sslrootcert if you trust it`;
  }
  if (issuer !== undefined) {
    return `${holder} contains the intermediate certificate ${quoteName(issuer.subject)} without ${quoteName(issuer.issuer)}, which issued it: add the latter to sslrootcert`;
  }
  const sent = chain.length === 1 ? 'only its own certificate' : `${chain.length} certificates`;
  const whose = chain.length === 1 ? '' : `the last, ${quoteName(last.subject)}, was `;
  return (
    `it sends ${sent}, ${whose}issued by ${quoteName(last.issuer)}, and ${holder} does not contain the certificate of that CA: ` +
    "if it is an intermediate CA, put its certificate after the server's own in ssl_cert_file; if it is the CA itself, name its certificate with sslrootcert"
  );
}

function isSelfIssued(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate);
}

function parseCertificates(pem: string | undefined): X509Certificate[] {
  const blocks =
    pem === undefined
      ? rootCertificates
      : (pem.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? []);
  return blocks.map((block) => new X509Certificate(block));
}

/** Returns a certificate's common name in quotes; the whole name if it has no common name. Long names are cut. */
function quoteName(name: string): string {
  const common = /^CN=(.*)$/m.exec(name)?.[1];
  const text = common ?? name.replaceAll('\n', ', ');
  const short =
    text.length <= MAX_NAME_CHARACTERS ? text : `${text.slice(0, MAX_NAME_CHARACTERS)}...`;
  return `"${short}"`;
}
