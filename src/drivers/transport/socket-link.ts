import {
  type IpcSocketConnectOpts,
  Socket,
  type SocketConstructorOpts,
  type TcpSocketConnectOpts,
} from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import type { Link, LinkOwner } from './link.ts';
import type { TcpHandle } from './tcp-binding.ts';
import { startTls } from './tls.ts';

/** `keepaliveIdleS`: as a TcpPath has it. */
export type SocketPath =
  | (TcpSocketConnectOpts & { keepaliveIdleS?: number })
  | IpcSocketConnectOpts;

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

/** A connected handle that nobody reads from, as the link that TLS needs. It is the link's from here on. */
export function adoptHandle(handle: TcpHandle, owner: LinkOwner): SocketLink {
  return new SocketLink({ ...OPTIONS, handle }, owner);
}

/** A net.Socket, over TCP or a Unix socket, and TLS on it where it is asked for. */
export class SocketLink implements Link {
  readonly owner: LinkOwner;
  private readonly path: SocketPath | undefined;
  private readonly socket: LinkedSocket;
  private secured: TLSSocket | undefined = undefined;
  /** What a net.Socket tells after its end is nothing to the owner. */
  isOver = false;

  /** Without `path`: of a socket that is connected. */
  constructor(options: SocketOptions, owner: LinkOwner, path?: SocketPath) {
    this.owner = owner;
    this.path = path;
    this.socket = new LinkedSocket(options, this);
  }

  connect(): void {
    const { path, socket } = this;
    if (path === undefined) return;
    if ('keepaliveIdleS' in path) keepAlive(socket, path.keepaliveIdleS);
    socket.connect(path);
  }

  write(bytes: Buffer): void {
    if (!this.isOver) this.output.write(bytes);
  }

  keepOpen(): void {
    const { output } = this;
    // Or Node would answer a FIN, under TLS a close_notify, with ours.
    output.allowHalfOpen = true;
    output.once('end', () => this.noteEnd());
  }

  close(): void {
    this.isOver = true;
    this.secured?.destroy();
    this.socket.destroy();
  }

  reset(): void {
    if (this.isOver) return;
    this.isOver = true;
    // On the socket itself, under TLS too: the encrypted one has no way to reset.
    this.socket.resetAndDestroy();
  }

  secure(options: ConnectionOptions): { link: SocketLink; secured: TLSSocket } {
    const secured = startTls(this.socket, options);
    this.secured = secured;
    secured.on('data', (chunk) => {
      if (!this.isOver) this.owner.receive(chunk, chunk.length);
    });
    secured.on('error', (error) => this.noteError(error));
    secured.once('close', () => this.noteEnd());
    return { link: this, secured };
  }

  noteError(error: Error): void {
    if (!this.isOver) this.owner.broken(error);
  }

  noteEnd(): void {
    if (!this.isOver) this.owner.ended();
  }

  private get output(): Socket {
    return this.secured ?? this.socket;
  }
}

/** Has a socket ask after so many idle seconds whether the other side is still there; undefined: never. */
export function keepAlive(socket: Socket, idleS: number | undefined): void {
  if (idleS !== undefined) socket.setKeepAlive(true, idleS * 1000);
}

/** The cheapest thing that Node's streams can call back with is the socket itself. */
class LinkedSocket extends Socket {
  readonly link: SocketLink;

  constructor(options: SocketOptions, link: SocketLink) {
    super(options);
    this.link = link;
    this.on('connect', handleConnect);
    this.on('error', handleError);
    this.on('close', handleClose);
  }
}

function handleConnect(this: LinkedSocket): void {
  const { link } = this;
  if (!link.isOver) link.owner.established();
}

/** Called on the socket, which Node's types do not know. */
function handleRead(this: unknown, length: number, buffer: Buffer): boolean {
  const { link } = this as LinkedSocket;
  if (!link.isOver) link.owner.receive(buffer, length);
  return true;
}

function handleError(this: LinkedSocket, error: Error): void {
  this.link.noteError(error);
}

function handleClose(this: LinkedSocket): void {
  this.link.noteEnd();
}
