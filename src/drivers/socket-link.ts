import {
  type IpcSocketConnectOpts,
  Socket,
  type SocketConstructorOpts,
  type TcpSocketConnectOpts,
} from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { LinkOwner, SecurableLink } from './link.ts';
import type { TcpHandle } from './tcp-binding.ts';
import { startTls } from './tls.ts';

export type SocketPath = TcpSocketConnectOpts | IpcSocketConnectOpts;

/** Options of net.Socket that its published types leave out. */
interface OnReadSocketOptions {
  emitClose: boolean;
  autoDestroy: boolean;
  decodeStrings: boolean;
  onread?: { buffer: Buffer; callback: (length: number, buffer: Buffer) => boolean };
  /** Connected already. */
  handle?: TcpHandle;
}

export type SocketOptions = SocketConstructorOpts & OnReadSocketOptions;

/** With every field that the constructor would set itself: its copy then keeps one shape. */
const OPTIONS = { allowHalfOpen: false, emitClose: false, autoDestroy: true, decodeStrings: false };

/** One for all links of a thread, which read into the same buffer, one after another. */
export function createSocketOptions(readBuffer: Buffer): SocketOptions {
  return { ...OPTIONS, onread: { buffer: readBuffer, callback: handleRead } };
}

/** A connected handle as the link that TLS needs; it is the link's from here on. */
export function adoptHandle(handle: TcpHandle, owner: LinkOwner): SocketLink {
  return new SocketLink({ ...OPTIONS, handle }, owner);
}

/** A net.Socket, over TCP or a Unix socket, and TLS on it where it is asked for. */
export class SocketLink implements SecurableLink {
  private readonly owner: LinkOwner;
  private readonly path: SocketPath | undefined;
  private readonly socket: OwnedSocket;
  private secured: TLSSocket | undefined = undefined;

  /** Without `path`: of a socket that is connected. */
  constructor(options: SocketOptions, owner: LinkOwner, path?: SocketPath) {
    this.owner = owner;
    this.path = path;
    this.socket = new OwnedSocket(options, owner);
  }

  connect(): void {
    if (this.path !== undefined) this.socket.connect(this.path);
  }

  write(bytes: Buffer): void {
    this.output.write(bytes);
  }

  keepOpen(): void {
    const { output, owner } = this;
    // Or Node would answer a FIN, under TLS a close_notify, with ours.
    output.allowHalfOpen = true;
    output.once('end', () => owner.ended());
  }

  close(): void {
    this.secured?.destroy();
    this.socket.destroy();
  }

  reset(): void {
    // On the socket itself, under TLS too: the encrypted one has no way to reset.
    this.socket.resetAndDestroy();
  }

  toSecurable(): SocketLink {
    return this;
  }

  secure(options: ConnectionOptions): TLSSocket {
    const { owner } = this;
    const secured = startTls(this.socket, options);
    this.secured = secured;
    secured.on('data', (chunk) => owner.receive(chunk, chunk.length));
    secured.on('error', (error) => owner.broken(error));
    secured.once('close', () => owner.ended());
    return secured;
  }

  private get output(): Socket {
    return this.secured ?? this.socket;
  }
}

/** The cheapest thing that Node's streams can call back with is the socket itself. */
class OwnedSocket extends Socket {
  readonly owner: LinkOwner;

  constructor(options: SocketOptions, owner: LinkOwner) {
    super(options);
    this.owner = owner;
    this.on('connect', handleConnect);
    this.on('error', handleError);
    this.on('close', handleClose);
  }
}

function handleConnect(this: OwnedSocket): void {
  this.owner.established();
}

/** Called on the socket, which Node's types do not know. */
function handleRead(this: unknown, length: number, buffer: Buffer): boolean {
  (this as OwnedSocket).owner.receive(buffer, length);
  return true;
}

function handleError(this: OwnedSocket, error: Error): void {
  this.owner.broken(error);
}

function handleClose(this: OwnedSocket): void {
  this.owner.ended();
}
