import type { ConnectionOptions, TLSSocket } from 'node:tls';

/** What broke a link, as Node's errors tell it. `reason`: OpenSSL's words. */
export interface LinkProblem {
  code?: string;
  /** The system call that failed. */
  syscall?: string;
  reason?: string;
  message: string;
}

/** Told of its link what the kernel tells of the socket, never from within a call of the link's own. */
export interface LinkOwner {
  established(): void;
  /** Takes what came: `buffer[0, length)`, which may be reused afterwards. */
  receive(buffer: Buffer, length: number): void;
  /** The other side will send no more. May be told twice. */
  ended(): void;
  /** It cannot go on. */
  broken(problem: LinkProblem): void;
}

/** One attempt's byte stream to the server, from connect() on. Its owner is told nothing any more once it has been closed. */
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
  /** The same connection as a link that TLS can go over, which takes this one's place. */
  toSecurable(): SecurableLink;
}

export interface SecurableLink extends Link {
  /** Begins a TLS handshake; what is written and read from here on is encrypted. */
  secure(options: ConnectionOptions): TLSSocket;
}
