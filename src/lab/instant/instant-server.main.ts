import { createServer, type Socket } from 'node:net';

/**
 * The entry point of a process: a server that answers every login at once (trust, no TLS), so that a measurement
 * against it measures the client. Prints its port, and ends when its standard input ends. It takes every read for whole
 * messages. That is true of clients on this machine that write one message at a time.
 * https://www.postgresql.org/docs/18/protocol-message-formats.html
 */

const BACKLOG = 4096;
const QUERY = 'Q'.charCodeAt(0);
const TERMINATE = 'X'.charCodeAt(0);

/** Encodes a message. Its length counts itself and the body, but not the type. */
function message(type: string, ...body: number[]): Buffer {
  return Buffer.from([type.charCodeAt(0), 0, 0, 0, body.length + 4, ...body]);
}

const READY_FOR_QUERY = message('Z', 'I'.charCodeAt(0));
/** AuthenticationOk, BackendKeyData and ReadyForQuery in one piece, as Postgres sends them. */
const GREETING = Buffer.concat([
  message('R', 0, 0, 0, 0),
  message('K', 0, 0, 0, 1, 0, 0, 0, 1),
  READY_FOR_QUERY,
]);
/** EmptyQueryResponse and ReadyForQuery. */
const NOTHING = Buffer.concat([message('I'), READY_FOR_QUERY]);

function answer(this: Socket, bytes: Buffer): void {
  if (bytes[0] === QUERY) this.write(NOTHING);
  else if (bytes[0] === TERMINATE) this.end();
  else this.write(GREETING);
}

/** Does nothing: a client that closes before it has read everything resets the connection. */
function ignoreReset(): void {}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', answer);
  socket.on('error', ignoreReset);
});
server.listen({ host: '127.0.0.1', port: 0, backlog: BACKLOG }, () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});
process.stdin.resume();
process.stdin.on('close', () => process.exit());
