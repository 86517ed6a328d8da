import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';

interface Listened {
  on(event: string, listener: (chunk: Buffer) => void): void;
}

/** Methods of pg.Connection that its published types leave out; pg's Client and itself call them. */
interface ConnectionMethods {
  startup(parameters: Record<string, string>): void;
  password(text: string): void;
  sendSCRAMClientFinalMessage(text: string): void;
  /** It asks no more of the stream than this. */
  attachListeners(stream: Listened): void;
}

const Connection = pg.Connection as unknown as new (
  config: pg.ConnectionConfig,
) => pg.Connection & ConnectionMethods;

export interface StampedConnectionOptions {
  socket: Socket;
  ssl: pg.ConnectionConfig['ssl'];
  /** The whole of the StartupMessage: PGOPTIONS and the like, which pg would add, are not meant for the storm. */
  startup: Record<string, string>;
  /** The last message of the client's authentication was written. */
  onLastWord: () => void;
}

/** pg's Connection, which tells when the client has said its last word, and survives whatever a server sends. */
export class StampedConnection extends Connection {
  readonly #startup: Record<string, string>;
  readonly #onLastWord: () => void;
  #handing = false;

  constructor({ socket, ssl, startup, onLastWord }: StampedConnectionOptions) {
    super({ stream: () => socket, ssl });
    this.#startup = startup;
    this.#onLastWord = onLastWord;
  }

  override startup(): void {
    super.startup(this.#startup);
  }

  override password(text: string): void {
    super.password(text);
    this.#onLastWord();
  }

  override sendSCRAMClientFinalMessage(text: string): void {
    super.sendSCRAMClientFinalMessage(text);
    this.#onLastWord();
  }

  /**
   * pg-protocol throws out of its `data` listener at what it does not know (an authentication request of GSSAPI),
   * which would end the thread: here it ends the connection. What those who are told of messages throw goes on up.
   */
  override attachListeners(stream: Duplex): void {
    super.attachListeners({
      on: (event, listener) =>
        stream.on(event, event === 'data' ? this.#guard(stream, listener) : listener),
    });
  }

  #guard(stream: Duplex, parse: (chunk: Buffer) => void): (chunk: Buffer) => void {
    return (chunk) => {
      try {
        parse(chunk);
      } catch (error) {
        if (this.#handing) throw error;
        stream.destroy(error as Error);
      }
    };
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    this.#handing = true;
    const heard = super.emit(event, ...args);
    // Stays true where a listener throws.
    this.#handing = false;
    return heard;
  }
}
