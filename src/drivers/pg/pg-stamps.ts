import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { parse } from 'pg-protocol';
import { encodeStartup } from '../protocol/startup.ts';
import { describeParserError } from './pg-failure.ts';
import { PgGuard } from './pg-guard.ts';

/** Methods of pg.Connection that its published types leave out; pg's Client and itself call them. */
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

/** What pg-protocol makes of a message. */
export interface PgMessage {
  name: string;
  /** Of SASL's. */
  data?: string;
  mechanisms?: string[];
  /** Of errors and notices. */
  severity?: string | undefined;
  code?: string;
  message?: string;
}

/** Told what pg.Client does and sees, in time to stamp it. */
export interface ConnectionObserver {
  /** connect() has returned; the first message is about to be written. */
  onEstablished(): void;
  /** A message of the server; pg.Client hears of it afterwards. */
  onMessage(message: PgMessage): void;
  /** The last message of the client's authentication was written. */
  onLastWord(): void;
}

export interface StampedConnectionOptions {
  socket: Socket;
  ssl: pg.ConnectionConfig['ssl'];
  /** The whole of the StartupMessage: PGOPTIONS and the like, which pg would add, are not meant for the storm. */
  startup: Record<string, string>;
  observer: ConnectionObserver;
}

/** pg's Connection, which tells how far it is, and survives whatever a server sends. */
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

  /** Under TLS written when the handshake begins, which the TLS socket puts off until it is done. */
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
   * As pg's own, with an ear for the observer. pg-protocol throws out of its `data` listener at what it does not know (an
   * authentication request of GSSAPI), which would end the thread: here it ends the connection. What those who are told
   * of messages throw goes on up.
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
    // Stays true where one of these throws.
    this.#isHanding = false;
  }
}
