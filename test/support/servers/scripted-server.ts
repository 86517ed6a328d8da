import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import * as messages from './known/messages.js';

/** What a scripted server does with each statement of a connection, in turn. */
export type Script = (Buffer | 'silence')[];

/** A server that logs everybody in, answers with the bytes it is given, and keeps what clients send. */
export interface ScriptedServer {
  port: number;
  /**
   * Resolves, once the first connection has ended, with what its client wrote after the StartupMessage: each message
   * whole, in order.
   */
  readonly received: Promise<Buffer[]>;
}

/** Starts a server. It answers the n-th Query or Sync of each connection with `script[n]`. It goes with the test. */
export async function serveScript(script: Script): Promise<ScriptedServer> {
  let resolve: (own: Buffer[]) => void;
  const received = new Promise<Buffer[]>((settle) => {
    resolve = settle;
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    const own = serve(socket, script);
    socket.once('close', () => resolve(own));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, received };
}

function serve(socket: Socket, script: Script): Buffer[] {
  const own: Buffer[] = [];
  let rest = Buffer.alloc(0);
  let isStarted = false;
  let next = 0;
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (!isStarted) {
      if (rest.length < 4 || rest.length < rest.readInt32BE(0)) return;
      rest = rest.subarray(rest.readInt32BE(0));
      isStarted = true;
      socket.write(Buffer.concat([messages.authentication('ok'), messages.READY_FOR_QUERY]));
    }
    while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
      const message = Buffer.from(rest.subarray(0, 1 + rest.readInt32BE(1)));
      rest = rest.subarray(message.length);
      own.push(message);
      answer(message);
    }
  });
  return own;

  function answer(message: Buffer): void {
    const type = message.toString('latin1', 0, 1);
    if (type === 'f') {
      const text = `COPY from stdin failed: ${message.toString('utf8', 5, message.length - 1)}`;
      const error = messages.errorResponse('ERROR', '57014', text);
      socket.write(Buffer.concat([error, messages.READY_FOR_QUERY]));
    } else if (type === 'Q' || type === 'S') {
      const said = script[next++];
      if (said !== undefined && said !== 'silence') socket.write(said);
    } else if (type === 'X') {
      socket.end();
    }
  }
}
