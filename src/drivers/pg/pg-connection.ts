import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import pg from 'pg';
import { ABSENT, type Attempt } from '../driver.ts';
import { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { LifecycleOwner } from '../lifecycle/lifecycle-owner.ts';
import { findSeverity } from '../protocol/message-fields.ts';
import { AGE_QUERY, parseAge, parseSetupMessage } from '../protocol/server-times.ts';
import { SSL_NO, SSL_YES } from '../protocol/ssl-reply.ts';
import { keepAlive } from '../transport/socket-link.ts';
import { describePgError, describeSslRefusal } from './pg-failure.ts';
import { isRequest, PgLogin } from './pg-login.ts';
import { END_TIMEOUT_MS, type PgShared } from './pg-shared.ts';
import { type ConnectionObserver, type PgMessage, StampedConnection } from './pg-stamps.ts';

/** One attempt through a pg.Client of its own, and the connection that comes of it: what pg does and sees, as events of its life. */
export class PgConnection implements ConnectionObserver, LifecycleOwner {
  readonly #shared: PgShared;
  readonly #life: Lifecycle;
  readonly #login: PgLogin;
  readonly #socket = new Socket();
  readonly #connection: StampedConnection;
  readonly #client: pg.Client;
  /** pg closes the socket itself. */
  #isEnding = false;

  constructor(shared: PgShared, attempt: Attempt) {
    const { clientConfig, endpoint, ssl, startup } = shared;
    this.#shared = shared;
    this.#life = new Lifecycle(shared, this, attempt);
    this.#login = new PgLogin(endpoint, shared.scram, shared.now);
    keepAlive(this.#socket, endpoint.keepaliveIdleS);
    this.#connection = new StampedConnection({
      socket: this.#socket,
      ssl,
      startup,
      observer: this,
    });
    // `connection` is missing in @types/pg.
    const config: pg.ClientConfig & { connection: pg.Connection } = {
      ...clientConfig,
      connection: this.#connection,
    };
    this.#client = new pg.Client(config);
  }

  open(): void {
    this.#life.start();
    // Before pg's own listener, which begins the handshake.
    if (this.#shared.ssl !== false) {
      this.#socket.once('data', (reply) => this.#handleSslReply(reply));
    }
    this.#client.on('error', (error) => this.#handleError(error));
    this.#client.connect((error: Error | null) => {
      if (error !== null) this.#handleError(error);
      else this.#life.ready();
    });
  }

  onEstablished(): void {
    const life = this.#life;
    if (life.connected()) life.enter(this.#shared.ssl === false ? 'login' : 'ssl-reply');
  }

  /** Comes before pg hears of it, which would answer: on a socket that is gone, it says nothing. */
  onMessage(message: PgMessage): void {
    const life = this.#life;
    if (message.name === 'notice') this.#handleNotice(message);
    if (!life.isAttempt) return;
    if (isRequest(message)) life.authRequested();
    const problem = this.#login.judge(message, life.attempt.encryptedUs !== ABSENT);
    if (problem !== undefined) life.fail({ ...problem, phase: life.phase });
    else if (message.name === 'authenticationOk') life.accepted();
  }

  onLastWord(): void {
    this.#login.noteAnswer();
    this.#life.authenticated();
  }

  askQuery(): void {
    this.#ask('SELECT 1', () => {});
  }

  askAge(): void {
    this.#ask(AGE_QUERY, (row) => {
      // pg leaves a bigint as text.
      this.#life.ageTold(parseAge((row as { age_us?: unknown } | undefined)?.age_us));
    });
  }

  /** As an application does: `client.end()`, which under a query breaks the socket off without Terminate. */
  leave(): boolean {
    this.#isEnding = true;
    const patience = setTimeout(() => this.#destroy(), END_TIMEOUT_MS);
    this.#client.end(() => clearTimeout(patience));
    return false;
  }

  drop(): void {
    this.#login.noteOver();
    if (!this.#isEnding) this.#destroy();
  }

  get hasHeard(): boolean {
    return this.#socket.bytesRead > 0;
  }

  get derivingUs(): number | undefined {
    return this.#login.derivingUs;
  }

  #handleSslReply(reply: Buffer): void {
    const life = this.#life;
    if (life.stage !== 'ssl-reply') return;
    const [first] = reply;
    if (reply.length === 1 && (first === SSL_YES || first === SSL_NO)) life.spawned('sslrequest');
    if (reply.length !== 1 || first !== SSL_YES) {
      life.fail(describeSslRefusal(reply, this.#shared.endpoint.sslmode));
      return;
    }
    life.enter('handshake');
    // pg emits it when it begins the handshake, and has the StartupMessage wait inside the TLS socket.
    this.#connection.once('sslconnect', () => {
      const secure = this.#connection.stream as TLSSocket;
      secure.once('secureConnect', () => {
        if (life.encrypted()) life.enter('login');
      });
    });
  }

  #handleNotice({ message = '', code = '', severity: said }: PgMessage): void {
    const severity = findSeverity(said);
    if (severity !== 'LOG' || this.#shared.plan.serverTimes.options === undefined) {
      this.#life.noticed({ code, message, severity });
    } else if (this.#life.isAttempt && code === '00000') {
      const times = parseSetupMessage(message);
      if (times !== undefined) this.#life.attempt.noteSetup(times);
    }
  }

  /** `takeRow`: of an answer without an error, before the answer is over. */
  #ask(text: string, takeRow: (row: unknown) => void): void {
    const life = this.#life;
    this.#client.query(text, (error: Error | null, result: pg.QueryResult | undefined) => {
      if (error === null) {
        // Of a damaged answer pg makes a list of results, which has no rows.
        takeRow(result?.rows?.[0]);
        life.answered();
      } else if (life.stage === 'sampling' && isServersNo(error)) {
        // All that pg tells of this answer.
        life.answered();
      } else {
        this.#handleError(error);
      }
    });
  }

  /** pg has given up, which it does at any error where no query is under way. May come more than once. */
  #handleError(error: Error): void {
    const life = this.#life;
    const failure = describePgError(error, life.phase);
    if (error instanceof pg.DatabaseError) life.serverError(failure);
    else life.broken(failure);
  }

  /** The TLS socket, where there is one, and the plain one below. */
  #destroy(): void {
    this.#connection.stream.destroy();
    this.#socket.destroy();
  }
}

/** An ERROR leaves the connection as it was, a FATAL ends it. */
function isServersNo(error: Error): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR';
}
