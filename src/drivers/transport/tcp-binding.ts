/** The part of Node's TCP handle that is used here: libuv's stream, below net.Socket. Results below zero are errnos. */
export interface TcpHandle {
  /** Callback for every read and for the stream's end, with the handle as `this`. */
  onread: (this: TcpHandle) => void;
  /** connstorm's own field: the owner of the callbacks. net.Socket has no property of this name. */
  link: HandleOwner;
  /**
   * connstorm's own field: keeps the buffer alive as long as the handle, which reads into it without a reference to it.
   */
  readBuffer: Buffer;
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  /** Ends the process if the port is no uint32. */
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  /** Makes the handle read into `buffer`, which must outlive it. */
  useUserBuffer(buffer: Buffer): void;
  /** Sets keepalives. Call it while the handle is connecting: earlier, libuv would forget the seconds. */
  setKeepAlive(on: boolean, idleS: number): number;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
  close(): void;
  reset(): number;
}

/** The receiver of what becomes of a handle. */
export interface HandleOwner {
  connectEnded(result: number): void;
  writeEnded(result: number): void;
  /** Reports the end of a read. streamBaseState holds the result, only during this call. */
  readEnded(): void;
}

export interface ConnectRequest {
  oncomplete: (result: number, handle: TcpHandle) => void;
}

export interface WriteRequest {
  oncomplete: (result: number, handle: TcpHandle) => void;
  /** connstorm's own field: keeps the bytes alive while they are being written. */
  bytes: Buffer;
}

export interface TcpBinding {
  TCP: new (type: number) => TcpHandle;
  TCPConnectWrap: new () => ConnectRequest;
  WriteWrap: new () => WriteRequest;
  /** The type of a TCP handle that connects. */
  SOCKET: number;
  streamBaseState: Int32Array;
  /** Index in streamBaseState of the number of bytes read, or of the errno. */
  kReadBytesOrError: number;
  /** Index in streamBaseState of whether the last write goes on after the call. */
  kLastWriteWasAsync: number;
}

const METHODS = [
  'bind',
  'bind6',
  'connect',
  'connect6',
  'useUserBuffer',
  'setKeepAlive',
  'readStart',
  'readStop',
  'writeBuffer',
  'close',
  'reset',
] as const;

/**
 * Returns Node's own TCP, on which net.Socket is built; null if any part is missing. It is not public. process.binding
 * is deprecated (DEP0111, with a warning only under --pending-deprecation), and Node may change what it returns. So
 * nothing may depend on it: without it a net.Socket does the same at a greater cost.
 */
export function loadTcpBinding(load = loadInternal): TcpBinding | null {
  try {
    const tcp = load('tcp_wrap') as TcpBinding & { constants: { SOCKET: number } };
    const stream = load('stream_wrap') as TcpBinding;
    const { TCP, TCPConnectWrap } = tcp;
    const { SOCKET } = tcp.constants;
    const { WriteWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = stream;
    const isWhole =
      METHODS.every((method) => typeof TCP.prototype[method] === 'function') &&
      'onread' in TCP.prototype &&
      [TCPConnectWrap, WriteWrap].every((type) => typeof type === 'function') &&
      [SOCKET, kReadBytesOrError, kLastWriteWasAsync].every(Number.isInteger) &&
      streamBaseState instanceof Int32Array;
    if (!isWhole) return null;
    const state = { streamBaseState, kReadBytesOrError, kLastWriteWasAsync };
    return { TCP, TCPConnectWrap, WriteWrap, SOCKET, ...state };
  } catch {
    // The binding does not exist, or is not allowed.
    return null;
  }
}

function loadInternal(name: string): unknown {
  return (process as unknown as { binding: (name: string) => unknown }).binding(name);
}
