import { getSystemErrorName } from 'node:util';
import type { Link, LinkOwner, SecurableLink } from './link.ts';
import { adoptHandle } from './socket-link.ts';
import type { TcpBinding, TcpHandle, WriteRequest } from './tcp-binding.ts';

/** Where TCP goes to, and from where; without `localAddress` as the kernel chooses. Addresses, no names. */
export interface TcpPath {
  address: string;
  port: number;
  isIPv6: boolean;
  localAddress: string | undefined;
}

/** What the links of one thread have in common. */
export interface TcpShared {
  binding: TcpBinding;
  /** All links read into it, one after another. */
  readBuffer: Buffer;
  /** A request serves again where the kernel took all of a write at once, so that nothing was left to request. */
  spareWrite: WriteRequest;
}

/** libuv's name for the end of a stream, among the errnos (uv/errno.h, UV__EOF). */
const END_OF_STREAM = -4095;

/**
 * TCP on Node's own handle. What net.Socket adds, streams, events and ticks, is a tenth of what a connect costs us, and
 * an attempt needs none of it.
 */
export class TcpLink implements Link {
  private readonly shared: TcpShared;
  private readonly owner: LinkOwner;
  private readonly path: TcpPath;
  private readonly handle: TcpHandle;
  /** Nothing is told any more: it has ended, or is somebody else's. */
  private isOver = false;

  constructor(shared: TcpShared, owner: LinkOwner, path: TcpPath) {
    const { TCP, SOCKET } = shared.binding;
    this.shared = shared;
    this.owner = owner;
    this.path = path;
    this.handle = new TCP(SOCKET);
    this.handle.owner = this;
  }

  connect(): void {
    const result = this.bind() || this.beginConnect();
    if (result < 0) this.breakLater('connect', result);
    else this.startReading();
  }

  write(bytes: Buffer): void {
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
    if (this.handle.reset() < 0) this.handle.close();
  }

  toSecurable(): SecurableLink {
    this.isOver = true;
    // A net.Socket starts it itself, and fails where it goes on already.
    this.handle.readStop();
    return adoptHandle(this.handle, this.owner);
  }

  connectEnded(result: number): void {
    if (this.isOver) return;
    if (result < 0) this.break('connect', result);
    else this.owner.established();
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

  /** While connecting, so that the kernel is told once that we wait for both: libuv would stop and start watching else. */
  private startReading(): void {
    const { handle, shared } = this;
    handle.onread = noteRead;
    handle.useUserBuffer(shared.readBuffer);
    const result = handle.readStart();
    if (result < 0) this.breakLater('read', result);
  }

  private breakLater(syscall: string, errno: number): void {
    process.nextTick(() => this.break(syscall, errno));
  }

  private break(syscall: string, errno: number): void {
    if (this.isOver) return;
    const code = getSystemErrorName(errno);
    this.owner.broken({ code, syscall, message: `${syscall} ${code}` });
  }
}

function noteConnected(result: number, handle: TcpHandle): void {
  handle.owner.connectEnded(result);
}

function noteWritten(result: number, handle: TcpHandle): void {
  handle.owner.writeEnded(result);
}

function noteRead(this: TcpHandle): void {
  this.owner.readEnded();
}
