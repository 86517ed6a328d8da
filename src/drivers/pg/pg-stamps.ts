import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { parse } from 'pg-protocol';
import { encodeStartup } from '../protocol/startup.ts';
import { describeParserError } from './pg-failure.ts';
import { PgGuard } from './pg-guard.ts';

/** Methods of pg.Connection that its published types leave out. pg's Client and Connection call them. */
interface ConnectionMethods {
  requestSsl(): void;
  startup(parameters: Record<string, string>): void;
  password(text: string): void;
  sendSCRAMClientFinalMessage(text: string): void;
  attachListeners(stream: Duplex): void;
}

const Connection = pg.Connection as unknown as new (
  config: pg.ConnectionConfig,
) => pg.Connection & ConnectionMethods;

/** A message in the form that pg-protocol gives it. */
export interface PgMessage {
  name: string;
  /** Only in messages of SASL. */
  data?: string;
  mechanisms?: string[];
  /** Only in BackendKeyData. */
  processID?: number;
  /** Only in errors and notices. */
  severity?: string | undefined;
  code?: string;
  message?: string;
  /** Only in `parameterStatus`. */
  parameterName?: string;
  parameterValue?: string;
}

/** The observer of a pg.Connection. It is called in time to stamp what the connection does and receives. */
export interface ConnectionObserver {
  /** Reports that connect() has returned; the first message is about to be written. */
  onEstablished(): void;
  /** Takes a message of the server. pg.Client gets it afterwards. */
  onMessage(message: PgMessage): void;
  /** Reports that the client's last authentication message was written. */
  onLastWord(): void;
}

export interface StampedConnectionOptions {
  socket: Socket;
  ssl: pg.ConnectionConfig['ssl'];
  /** All parameters of the StartupMessage. pg would add PGOPTIONS and others, which are not meant for the storm. */
  startup: Record<string, string>;
  observer: ConnectionObserver;
}

/** A pg.Connection that reports its progress, and survives whatever a server sends. */
export class StampedConnection extends Connection {
  readonly #startup: Record<string, string>;
  readonly #observer: ConnectionObserver;
  readonly #guard = new PgGuard();
  #isHanding = false;

  constructor({ socket, ssl, startup, observer }: StampedConnectionOptions) {
    super({ stream: () => socket, ssl });
    this.#startup = startup;
    this.#observer = observer;
  }

  override requestSsl(): void {
    this.#observer.onEstablished();
    super.requestSsl();
  }

  /**
   * Writes the StartupMessage. Under TLS pg calls this when the handshake begins; the TLS socket holds the message
   * until the handshake is done.
   */
  override startup(): void {
    this.#observer.onEstablished();
    this.stream.write(encodeStartup(this.#startup));
  }

  override password(text: string): void {
    super.password(text);
    this.#observer.onLastWord();
  }

  override sendSCRAMClientFinalMessage(text: string): void {
    super.sendSCRAMClientFinalMessage(text);
    this.#observer.onLastWord();
  }

  /**
   * Does what pg's own method does, and informs the observer. At a message that it does not know (such as a request for
   * GSSAPI), pg-protocol throws out of its `data` listener, which would end the thread. Here that ends the connection.
   * What the observer and pg's own listeners throw is thrown on.
   */
  override attachListeners(stream: Duplex): void {
    const guarded = {
      on: (event: string, listener: (chunk: Buffer) => void) =>
        stream.on(event, event === 'data' ? this.#protect(stream, listener) : listener),
    };
    parse(guarded as unknown as NodeJS.ReadableStream, (message) => this.#hand(message));
  }

  #protect(stream: Duplex, read: (chunk: Buffer) => void): (chunk: Buffer) => void {
    return (chunk) => {
      try {
        const sound = this.#guard.admit(chunk);
        if (sound.length > 0) read(sound);
      } catch (error) {
        if (this.#isHanding) throw error;
        stream.destroy(describeParserError(error as Error));
      }
      if (this.#guard.problem !== undefined) stream.destroy(this.#guard.problem);
    };
  }

  #hand(message: PgMessage): void {
    this.#isHanding = true;
    if (message.name === 'error' || message.name === 'notice') {
      message.severity = this.#guard.takeSeverity() ?? message.severity;
    }
    this.#observer.onMessage(message);
    this.emit(message.name === 'error' ? 'errorMessage' : message.name, message);
    // Stays true if one of these throws.
    this.#isHanding = false;
  }
}
