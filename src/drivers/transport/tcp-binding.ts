/** The part of Node's TCP handle that is used here: libuv's stream, below net.Socket. Results below zero are errnos. */
export interface TcpHandle {
  /** Called with the handle as `this` on every reading, and at the stream's end. */
  onread: (this: TcpHandle) => void;
  /** Ours, as no property of net.Socket's is called: who is called back. */
  link: HandleOwner;
  /** Ours: it lives as long as the handle, which reads into its memory and does not hold it. */
  readBuffer: Buffer;
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  /** Ends the process for a port that is no uint32. */
  connect(request: ConnectRequest, address: string, port: number): number;
  connect6(request: ConnectRequest, address: string, port: number): number;
  /** `buffer` must outlive the handle. */
  useUserBuffer(buffer: Buffer): void;
  /** On a handle that connects already: before, libuv forgets the seconds. */
  setKeepAlive(on: boolean, idleS: number): number;
  readStart(): number;
  readStop(): number;
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
  close(): void;
  reset(): number;
}

/** Told what becomes of a handle. */
export interface HandleOwner {
  connectEnded(result: number): void;
  writeEnded(result: number): void;
  /** What came of it is in streamBaseState, during the call. */
  readEnded(): void;
}

export interface ConnectRequest {
  oncomplete: (result: number, handle: TcpHandle) => void;
}

export interface WriteRequest {
  oncomplete: (result: number, handle: TcpHandle) => void;
  /** Ours: keeps it alive while it is being written. */
  bytes: Buffer;
}

export interface TcpBinding {
  TCP: new (type: number) => TcpHandle;
  TCPConnectWrap: new () => ConnectRequest;
  WriteWrap: new () => WriteRequest;
  /** TCP's type for a socket that connects. */
  SOCKET: number;
  streamBaseState: Int32Array;
  /** Where streamBaseState has the bytes read, or the errno. */
  kReadBytesOrError: number;
  /** Where it says whether the last write goes on after the call. */
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
 * Node's own TCP, as net.Socket is built on it. It is not public: process.binding is deprecated (DEP0111, with a warning
 * under --pending-deprecation alone), and Node may change what it gives. So nothing may depend on it: null where
 * any part is missing, and a net.Socket does the same at a greater price.
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
    // Not there, or not allowed.
    return null;
  }
}

function loadInternal(name: string): unknown {
  return (process as unknown as { binding: (name: string) => unknown }).binding(name);
}
