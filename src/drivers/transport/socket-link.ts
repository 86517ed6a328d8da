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

/** The server that a net.Socket connects to. `keepaliveIdleS`: see TcpPath. */
export type SocketPath =
  | (TcpSocketConnectOpts & { keepaliveIdleS?: number })
  | IpcSocketConnectOpts;

/** Options of net.Socket that its published types leave out. */
interface OnReadSocketOptions {
  emitClose: boolean;
  autoDestroy: boolean;
  decodeStrings: boolean;
  onread?: { buffer: Buffer; callback: (length: number, buffer: Buffer) => boolean };
  /** A handle that is connected already. */
  handle?: TcpHandle;
}

export type SocketOptions = SocketConstructorOpts & OnReadSocketOptions;

/** Every option that the constructor would set itself, so that its copy keeps one shape. */
const OPTIONS = { allowHalfOpen: false, emitClose: false, autoDestroy: true, decodeStrings: false };

/** Creates the options for all links of a thread. They read into the same buffer, one after another. */
export function createSocketOptions(readBuffer: Buffer): SocketOptions {
  return { ...OPTIONS, onread: { buffer: readBuffer, callback: handleRead } };
}

/** Wraps a connected handle that has no reader in a link that can start TLS. From here on the link owns the handle. */
export function adoptHandle(handle: TcpHandle, owner: LinkOwner): SocketLink {
  return new SocketLink({ ...OPTIONS, handle }, owner);
}

/** A link on a net.Socket, over TCP or a Unix socket, with TLS on it if asked for. */
export class SocketLink implements Link {
  readonly owner: LinkOwner;
  private readonly path: SocketPath | undefined;
  private readonly socket: LinkedSocket;
  private secured: TLSSocket | undefined = undefined;
  /** After the end, events of the net.Socket are not passed to the owner. */
  isOver = false;

  /** `path`: absent for a socket that is connected. */
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
    // Otherwise Node would answer a FIN, or under TLS a close_notify, with our own.
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
    // Under TLS this also needs the plain socket: the encrypted one cannot reset.
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

/** Makes TCP check, after so many seconds of idleness, whether the other side still exists; undefined: no checks. */
export function keepAlive(socket: Socket, idleS: number | undefined): void {
  if (idleS !== undefined) socket.setKeepAlive(true, idleS * 1000);
}

/** A socket that knows its link. Node's streams call back with the socket, so no other way to the link costs less. */
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

/** Handles a read. Node calls it with the socket as `this`, which its types do not say. */
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
