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

/** The needs of TLS beside sslmode, read before the run. Plain data, for workers. Holds a key, so never print it. */
export interface TlsSettings {
  /** `direct`: TLS begins at once, without SSLRequest (PostgreSQL 17 or later). */
  negotiation: 'postgres' | 'direct';
  /** PEM: the certificates that verify-ca and verify-full trust. Absent: those that Node trusts. */
  rootCertificates?: string;
  /**
   * PEM, one list each: certificates that their CAs have revoked. If given, each CA of a chain needs a list. Absent:
   * revocation is not checked.
   */
  revocationLists?: readonly string[];
  /** PEM: the client's own certificate with its chain, and its key, which is not encrypted. */
  certificate?: string;
  privateKey?: string;
  /** The oldest and the newest version of TLS that may be used. Absent: Node's own limits. */
  minVersion?: SecureVersion;
  maxVersion?: SecureVersion;
  /** The sslmode that was asked for, if a root certificate made it stricter; for messages. */
  askedSslmode?: SslMode;
}

/** The name by which a server recognizes PostgreSQL in a direct handshake (IANA's ALPN registry). */
const ALPN_PROTOCOL = 'postgresql';

/**
 * Creates the context for all attempts of a thread: it costs more than a handshake. Throws if Node cannot use the PEM.
 */
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

/**
 * Returns the options of tls.connect for `sslmode`. Only verify-ca and verify-full refuse certificates, and only
 * verify-full refuses names.
 */
export function createTlsOptions(
  endpoint: { host: string; sslmode: SslMode; tls?: TlsSettings },
  secureContext: SecureContext,
): ConnectionOptions {
  const { host, sslmode, tls } = endpoint;
  const verifies = sslmode === 'verify-ca' || sslmode === 'verify-full';
  return {
    secureContext,
    // The certificate is compared with the host as given, not with its address.
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

/** Returns whether the server agreed to PostgreSQL (ALPN). libpq requires it too, against cross-protocol attacks. */
export function isPostgresProtocol(secure: TLSSocket): boolean {
  return secure.alpnProtocol === ALPN_PROTOCOL;
}
