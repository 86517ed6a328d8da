import type { X509Certificate } from 'node:crypto';
import { connect, isIPv6, type Socket } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { serialize } from 'pg-protocol';
import { type Endpoint, isUnixSocket } from './endpoint.ts';
import { SSL_YES } from './protocol/ssl-reply.ts';
import { createTlsOptions, startTls } from './transport/tls.ts';

/** A server may send any number of certificates, and they may issue each other in a circle. */
const MAX_CERTIFICATES = 20;

/**
 * Reads the certificates that the server sends, its own first, each followed by its issuer. Resolves with undefined if
 * none come in time. Uses its own connection, which verifies nothing, sends only the handshake and does not log in.
 */
export function readServerChain(
  endpoint: Endpoint,
  timeoutUs: number,
): Promise<X509Certificate[] | undefined> {
  const { address, port, tls } = endpoint;
  if (isUnixSocket(address)) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, family: isIPv6(address) ? 6 : 4 });
    const finish = (chain?: X509Certificate[]): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(chain);
    };
    const timer = setTimeout(finish, timeoutUs / 1000);
    socket.on('error', () => finish());
    socket.on('close', () => finish());
    const encrypt = (): void => listenForChain(startHandshake(socket, endpoint), finish);
    socket.once('connect', () => {
      if (tls?.negotiation === 'direct') encrypt();
      else askForTls(socket, encrypt, finish);
    });
  });
}

function askForTls(socket: Socket, encrypt: () => void, refuse: () => void): void {
  socket.once('data', (reply) => {
    if (reply.length === 1 && reply[0] === SSL_YES) encrypt();
    else refuse();
  });
  socket.write(serialize.requestSsl());
}

/** Trusts no issuer: Node would add the issuers that it knows to what the server sends. */
function startHandshake(socket: Socket, endpoint: Endpoint): TLSSocket {
  const { certificate, privateKey } = endpoint.tls ?? {};
  const context = createSecureContext({
    ca: [],
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(privateKey === undefined ? {} : { key: privateKey }),
  });
  return startTls(socket, createTlsOptions({ ...endpoint, sslmode: 'require' }, context));
}

function listenForChain(secured: TLSSocket, report: (chain?: X509Certificate[]) => void): void {
  secured.once('secureConnect', () => report(listChain(secured.getPeerX509Certificate())));
  secured.once('error', () => report());
}

function listChain(own: X509Certificate | undefined): X509Certificate[] | undefined {
  if (own === undefined) return undefined;
  const chain: X509Certificate[] = [];
  let next: X509Certificate | undefined = own;
  while (next !== undefined && chain.length < MAX_CERTIFICATES) {
    const { fingerprint256 } = next;
    if (chain.some((known) => known.fingerprint256 === fingerprint256)) break;
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}
