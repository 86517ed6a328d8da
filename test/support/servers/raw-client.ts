import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** A packet without a type. */
function packet(code: number, body = ''): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + body.length);
  head.writeInt32BE(code, 4);
  return Buffer.concat([head, Buffer.from(body)]);
}

export const SSL_REQUEST = packet(80877103);
export const STARTUP = packet(196608, 'user\0storm\0\0');
export const QUERY = Buffer.from('Q\0\0\0\x0dSELECT 1\0');
export const TERMINATE = Buffer.from('X\0\0\0\x04');

/** A connection that has written these bytes, each piece on its own. */
export async function open(port: number, ...bytes: Buffer[]): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  for (const piece of bytes) socket.write(piece);
  return socket;
}

/** Writes each byte when the one before has gone. */
export async function writeByByte(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    await new Promise((resolve) => socket.write(Buffer.from([byte]), resolve));
    await setImmediate();
  }
}

/**
 * Reads until `isEnough`, or until the server ends the connection. Control characters are shown by their
 * pictures: a zero byte is ␀.
 */
export async function read(socket: Socket, isEnough: (text: string) => boolean): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += showControls(chunk as Buffer);
    if (isEnough(text)) break;
  }
  return text;
}

export const untilEnd = () => false;
export const endsReady = (text: string) => text.endsWith('Z␀␀␀␅I');

function showControls(bytes: Buffer): string {
  const show = (byte: number) => String.fromCharCode(byte < 0x20 ? 0x2400 + byte : byte);
  return Array.from(bytes, show).join('');
}
