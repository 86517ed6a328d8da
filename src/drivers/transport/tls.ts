import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  connect,
  createSecureContext,
  type SecureContext,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import type { SslMode } from '../../scenario/plan/plan.ts';
import { checkIdentity } from './server-identity.ts';

/** What TLS needs beside sslmode, read before the run; pure data, for the workers' sake. Never printed: it holds a key. */
export interface TlsSettings {
  /** `direct`: TLS at once, without SSLRequest (PostgreSQL 17 or later). */
  negotiation: 'postgres' | 'direct';
  /** PEM; what verify-ca and verify-full trust. Absent: what Node trusts. */
  rootCertificates?: string;
  /** PEM, one list each: certificates that their CAs have revoked. Each CA of a chain needs one then. Absent: none is looked at. */
  revocationLists?: readonly string[];
  /** PEM; the client's own certificate with its chain, and the key to it, which is not encrypted. */
  certificate?: string;
  privateKey?: string;
  /** The oldest and the newest version of TLS that is spoken. Absent: as Node has it. */
  minVersion?: SecureVersion;
  maxVersion?: SecureVersion;
  /** The sslmode that was asked for, where a root certificate made more of it; for messages. */
  askedSslmode?: SslMode;
}

/** The name by which a server takes a direct handshake for PostgreSQL's (IANA's ALPN registry). */
const ALPN_PROTOCOL = 'postgresql';

/** One for all attempts of a thread: making it costs more than a handshake. Throws where Node cannot use the PEM. */
export function createTlsContext(settings: TlsSettings | undefined): SecureContext {
  const { rootCertificates: ca, certificate: cert, privateKey: key } = settings ?? {};
  const { minVersion, maxVersion, revocationLists: crl } = settings ?? {};
  return createSecureContext({
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    ...(ca === undefined ? {} : { ca }),
    ...(crl === undefined ? {} : { crl: [...crl] }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  });
}

/** What tls.connect is to do for `sslmode`: below verify-ca no certificate is refused, below verify-full no name. */
export function createTlsOptions(
  endpoint: { host: string; sslmode: SslMode; tls?: TlsSettings },
  secureContext: SecureContext,
): ConnectionOptions {
  const { host, sslmode, tls } = endpoint;
  const verifies = sslmode === 'verify-ca' || sslmode === 'verify-full';
  return {
    secureContext,
    // What the certificate is held against: the host as given, not the address it stands for.
    host,
    // RFC 6066: a server name is never an address.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    rejectUnauthorized: verifies,
    checkServerIdentity: sslmode === 'verify-full' ? checkIdentity : () => undefined,
    ...(tls?.negotiation === 'direct' ? { ALPNProtocols: [ALPN_PROTOCOL] } : {}),
  };
}

/** Begins a TLS handshake on a socket whose server has answered `S`, or at once under direct negotiation. */
export function startTls(socket: Socket, options: ConnectionOptions): TLSSocket {
  return connect({ ...options, socket });
}

/** Whether the server took a direct handshake for PostgreSQL's own; libpq insists on it, against cross-protocol attacks. */
export function isPostgresProtocol(secure: TLSSocket): boolean {
  return secure.alpnProtocol === ALPN_PROTOCOL;
}
