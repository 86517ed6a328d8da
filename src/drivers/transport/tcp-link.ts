import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { getSystemErrorName } from 'node:util';
import type { Link, LinkOwner } from './link.ts';
import { adoptHandle } from './socket-link.ts';
import type { TcpBinding, TcpHandle, WriteRequest } from './tcp-binding.ts';

/** The two ends of a TCP connection. Addresses, not names. Without `localAddress` the kernel chooses. */
export interface TcpPath {
  address: string;
  port: number;
  isIPv6: boolean;
  localAddress: string | undefined;
  /** Seconds of idleness after which TCP checks whether the other side still exists; undefined: no checks. */
  keepaliveIdleS: number | undefined;
}

/** The common parts of the links of one thread. */
export interface TcpShared {
  binding: TcpBinding;
  /** The buffer that all links read into, one after another; see TcpHandle.readBuffer. */
  readBuffer: Buffer;
  /** A write request that can be used again, because the kernel took all of the last write at once. */
  spareWrite: WriteRequest;
}

/** libuv's code for the end of a stream, among the errnos (uv/errno.h, UV__EOF). */
const END_OF_STREAM = -4095;

/** A link on Node's own TCP handle. It has none of net.Socket's streams, events and ticks: an attempt needs none. */
export class TcpLink implements Link {
  private readonly shared: TcpShared;
  private readonly owner: LinkOwner;
  private readonly path: TcpPath;
  private readonly handle: TcpHandle;
  private isReading = false;
  /** The link has ended, or its handle belongs to a SocketLink. */
  private isOver = false;

  constructor(shared: TcpShared, owner: LinkOwner, path: TcpPath) {
    const { TCP, SOCKET } = shared.binding;
    this.shared = shared;
    this.owner = owner;
    this.path = path;
    this.handle = new TCP(SOCKET);
    this.handle.link = this;
  }

  connect(): void {
    const { handle, shared } = this;
    const bound = this.bind();
    if (bound < 0) {
      this.breakLater('bind', bound);
      return;
    }
    const begun = this.beginConnect();
    if (begun < 0) {
      this.breakLater('connect', begun);
      return;
    }
    const kept = this.keepAlive();
    if (kept < 0) {
      this.breakLater('setsockopt', kept);
      return;
    }
    handle.onread = noteRead;
    handle.readBuffer = shared.readBuffer;
    handle.useUserBuffer(shared.readBuffer);
    // Start before the connection is established: libuv then waits for both in one epoll_ctl, and need not try in vain
    // to add the socket a second time. Windows refuses this until it is connected.
    this.isReading = handle.readStart() === 0;
  }

  write(bytes: Buffer): void {
    if (this.isOver) return;
    const { shared, handle } = this;
    const { WriteWrap, streamBaseState, kLastWriteWasAsync } = shared.binding;
    const request = shared.spareWrite;
    const result = handle.writeBuffer(request, bytes);
    if (result === 0 && streamBaseState[kLastWriteWasAsync] === 0) return;
    shared.spareWrite = new WriteWrap();
    request.bytes = bytes;
    request.oncomplete = noteWritten;
    if (result < 0) this.breakLater('write', result);
  }

  /** Does nothing: without net.Socket only the owner answers a FIN. */
  keepOpen(): void {}

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.handle.close();
  }

  reset(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.handle.reset();
  }

  secure(options: ConnectionOptions): { link: Link; secured: TLSSocket } {
    this.isOver = true;
    // net.Socket starts reading itself, and fails if it is already on.
    this.handle.readStop();
    return adoptHandle(this.handle, this.owner).secure(options);
  }

  connectEnded(result: number): void {
    if (this.isOver) return;
    if (result < 0) {
      this.break('connect', result);
      return;
    }
    if (!this.isReading) {
      const started = this.handle.readStart();
      if (started < 0) this.breakLater('read', started);
    }
    this.owner.established();
  }

  writeEnded(result: number): void {
    if (result < 0) this.break('write', result);
  }

  readEnded(): void {
    if (this.isOver) return;
    const { streamBaseState, kReadBytesOrError } = this.shared.binding;
    const result = streamBaseState[kReadBytesOrError] ?? 0;
    if (result > 0) this.owner.receive(this.shared.readBuffer, result);
    else if (result === END_OF_STREAM) this.owner.ended();
    else if (result < 0) this.break('read', result);
  }

  private bind(): number {
    const { localAddress, isIPv6 } = this.path;
    if (localAddress === undefined) return 0;
    return isIPv6 ? this.handle.bind6(localAddress, 0, 0) : this.handle.bind(localAddress, 0);
  }

  private beginConnect(): number {
    const { address, port, isIPv6 } = this.path;
    const request = new this.shared.binding.TCPConnectWrap();
    request.oncomplete = noteConnected;
    return isIPv6
      ? this.handle.connect6(request, address, port)
      : this.handle.connect(request, address, port);
  }

  private keepAlive(): number {
    const { keepaliveIdleS } = this.path;
    return keepaliveIdleS === undefined ? 0 : this.handle.setKeepAlive(true, keepaliveIdleS);
  }

  private breakLater(syscall: string, errno: number): void {
    process.nextTick(() => this.break(syscall, errno));
  }

  private break(syscall: string, errno: number): void {
    if (this.isOver) return;
    const code = getSystemErrorName(errno);
    // The server may have said why it left. Reading goes on and reports that, and then the end.
    if (syscall === 'write' && HUNG_UP.has(code)) return;
    this.owner.broken({ code, syscall, message: `${syscall} ${code}` });
  }
}

const HUNG_UP: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET']);

function noteConnected(result: number, handle: TcpHandle): void {
  handle.link.connectEnded(result);
}

function noteWritten(result: number, handle: TcpHandle): void {
  handle.link.writeEnded(result);
}

function noteRead(this: TcpHandle): void {
  this.link.readEnded();
}
