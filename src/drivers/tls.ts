import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';

/** One for all attempts of a thread: making it costs more than a handshake. */
export function createTlsContext(): SecureContext {
  return createSecureContext();
}

/**
 * Begins a TLS handshake on a socket whose server has answered `S`. The server's certificate is not verified: this
 * is what sslmode prefer and require mean.
 */
export function startTls(socket: Socket, host: string, secureContext: SecureContext): TLSSocket {
  return connect({
    socket,
    secureContext,
    rejectUnauthorized: false,
    // RFC 6066: a server name is never an address.
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}
