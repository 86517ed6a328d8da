// @ts-check

/**
 * A server that answers every login at once, as cheaply as Node can: what is measured against it is the
 * client. Prints its port, ends when its standard input does. Takes each read for whole messages, which holds
 * for clients on the same machine that write a message at a time.
 */

import { createServer } from 'node:net';
import { SSL_REQUEST } from '../support/server/messages.js';
import { GREETING, ONE_ROW } from './instant-answers.js';

const NO = Buffer.from('N');
const QUERY = 'Q'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);

/** @this {import('node:net').Socket} @param {Buffer} bytes */
function answer(bytes) {
  if (bytes[0] === QUERY) this.write(ONE_ROW);
  else if (bytes[0] === TERMINATE) this.end();
  else if (bytes.length === 8 && bytes.readInt32BE(4) === SSL_REQUEST) this.write(NO);
  else this.write(GREETING);
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
