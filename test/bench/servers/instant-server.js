// @ts-check

/**
 * A server that answers every login at once, as cheaply as Node can: what is measured against it is the
 * client. Prints its port, ends when its standard input does. Takes each read for whole messages, which holds
 * for clients on the same machine that write a message at a time. With the argument `tls` it takes SSLRequests: every
 * handshake is a full one, as with Postgres.
 */

import { constants } from 'node:crypto';
import { createServer } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { createCertificate } from '../../support/servers/known/certificate.js';
import { SSL_REQUEST } from '../../support/servers/known/messages.js';
import { GREETING, ONE_ROW } from './instant-answers.js';

const YES = Buffer.from('S');
const NO = Buffer.from('N');
const secureContext = process.argv[2] === 'tls' ? createContext() : undefined;
const QUERY = 'Q'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);

/** @this {import('node:net').Socket} @param {Buffer} bytes */
function answer(bytes) {
  if (bytes[0] === QUERY) this.write(ONE_ROW);
  else if (bytes[0] === TERMINATE) this.end();
  else if (bytes.length === 8 && bytes.readInt32BE(4) === SSL_REQUEST) offerTls(this);
  else this.write(GREETING);
}

function createContext() {
  // RSA, as Debian's and OpenSSL's own self-signed certificates are.
  const { key, cert } = createCertificate({ signature: 'rsa-sha256' });
  const { SSL_OP_NO_TICKET } = constants;
  return createSecureContext({ key, cert, secureOptions: SSL_OP_NO_TICKET });
}

/** @param {import('node:net').Socket} socket */
function offerTls(socket) {
  if (secureContext === undefined) {
    socket.write(NO);
    return;
  }
  socket.removeListener('data', answer);
  socket.write(YES);
  const secure = new TLSSocket(socket, { isServer: true, secureContext });
  secure.on('data', answer);
  secure.on('error', ignoreReset);
}

/** A client that closes before it has read everything resets the connection. */
function ignoreReset() {}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', answer);
  socket.on('error', ignoreReset);
});

server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') console.log(address.port);
});

process.stdin.resume();
process.stdin.on('close', () => process.exit());
