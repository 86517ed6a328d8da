import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { getSystemErrorName } from 'node:util';
import type { Link, LinkOwner } from './link.ts';
import { adoptHandle } from './socket-link.ts';
import type { TcpBinding, TcpHandle, WriteRequest } from './tcp-binding.ts';

/** Where TCP goes to, and from where; without `localAddress` as the kernel chooses. Addresses, no names. */
export interface TcpPath {
  address: string;
  port: number;
  isIPv6: boolean;
  localAddress: string | undefined;
  /** Idle seconds after which TCP asks whether the other side is still there; undefined: it does not ask. */
  keepaliveIdleS: number | undefined;
}

/** What the links of one thread have in common. */
export interface TcpShared {
  binding: TcpBinding;
  /** All links read into it, one after another; see TcpHandle.readBuffer. */
  readBuffer: Buffer;
  /** A request serves again where the kernel took all of a write at once, so that nothing was left to request. */
  spareWrite: WriteRequest;
}

/** How libuv tells the end of a stream, among the errnos (uv/errno.h, UV__EOF). */
const END_OF_STREAM = -4095;

/** TCP on Node's own handle, without what net.Socket adds: streams, events and ticks, which an attempt needs none of. */
export class TcpLink implements Link {
  private readonly shared: TcpShared;
  private readonly owner: LinkOwner;
  private readonly path: TcpPath;
  private readonly handle: TcpHandle;
  private isReading = false;
  /** It has ended, or the handle is somebody else's. */
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
    // Before it is connected: libuv then waits for both in one epoll_ctl, and need not try in vain to add the socket a second
    // time. On Windows it is refused until later.
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

  /** Nothing to do: without net.Socket nobody answers a FIN but the owner. */
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
    // A net.Socket starts it itself, and fails where it goes on already.
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
    // The server may have said why it left, and reading goes on: it tells that, and then the end.
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
