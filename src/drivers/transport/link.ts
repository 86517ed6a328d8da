import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** What broke a link, as Node's errors tell it. `reason`: OpenSSL's words. */
export interface LinkProblem {
  code?: string;
  /** The system call that failed. */
  syscall?: string;
  reason?: string;
  message: string;
}

/** Told of its link what the kernel tells of the socket; never from within a call of the link's own, nor once it is over. */
export interface LinkOwner {
  established(): void;
  /** Takes what came: `buffer[0, length)`, which may be reused afterwards. */
  receive(buffer: Buffer, length: number): void;
  /** The other side will send no more. Under TLS told of its close_notify, and again of its FIN. */
  ended(): void;
  /** It cannot go on. */
  broken(problem: LinkProblem): void;
}

/** One attempt's byte stream to the server, from connect() on. It is over once it was closed or reset. */
export interface Link {
  /** Begins to connect. Never throws for what the server or the network do: the owner is told. */
  connect(): void;
  /** What the socket takes at once is with the kernel when this returns. */
  write(bytes: Buffer): void;
  /** From here on the other side's FIN is not answered by ours: the owner closes. */
  keepOpen(): void;
  /** Ends it with a FIN, or a RST where the server's bytes are unread. */
  close(): void;
  /** Ends it with a RST: no TIME_WAIT stays. */
  reset(): void;
  /** Begins a TLS handshake. `link` takes this one's place: what is written to it and read from it is encrypted. */
  secure(options: ConnectionOptions): { link: Link; secured: TLSSocket };
}
