import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** The reason why a link broke, in the fields of Node's errors. `reason`: OpenSSL's words. */
export interface LinkProblem {
  code?: string;
  /** The system call that failed. */
  syscall?: string;
  reason?: string;
  message: string;
}

/**
 * The receiver of what the kernel reports of a link's socket. Never called within a call of the link, or after its end.
 */
export interface LinkOwner {
  established(): void;
  /** Takes `buffer[0, length)`, the bytes that came. The buffer may be reused afterwards. */
  receive(buffer: Buffer, length: number): void;
  /** Reports that the other side will send no more. Under TLS: first at its close_notify, and again at its FIN. */
  ended(): void;
  /** Reports that the link cannot go on. */
  broken(problem: LinkProblem): void;
}

/** One attempt's byte stream to the server, from connect() on. It is over once it was closed or reset. */
export interface Link {
  /**
   * Begins to connect. Never throws for anything that the server or the network does; the owner is informed instead.
   */
  connect(): void;
  /** Writes the bytes. When this returns, the kernel has what the socket takes at once. */
  write(bytes: Buffer): void;
  /** Leaves the other side's FIN unanswered from here on; the owner must close. */
  keepOpen(): void;
  /** Ends the link with a FIN, or with a RST if bytes of the server are unread. */
  close(): void;
  /** Ends the link with a RST, so that no TIME_WAIT stays. */
  reset(): void;
  /** Begins a TLS handshake. The returned `link` replaces this one: what passes through it is encrypted. */
  secure(options: ConnectionOptions): { link: Link; secured: TLSSocket };
}
