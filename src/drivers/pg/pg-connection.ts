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
import { END_TIMEOUT_MS, type PgDriverParts } from './pg-driver-parts.ts';
import { describePgError, describeSslRefusal } from './pg-failure.ts';
import { isRequest, PgLogin } from './pg-login.ts';
import { type ConnectionObserver, type PgMessage, StampedConnection } from './pg-stamps.ts';
import { PgStatement } from './pg-statement.ts';

/**
 * One attempt through its own pg.Client, and the connection that it opens. Its lifecycle learns what pg does and sees.
 */
export class PgConnection implements ConnectionObserver, LifecycleOwner {
  readonly #driver: PgDriverParts;
  readonly #life: Lifecycle;
  readonly #login: PgLogin;
  readonly #socket = new Socket();
  readonly #connection: StampedConnection;
  readonly #client: pg.Client;
  /** Whether pg closes the socket itself. */
  #isEnding = false;

  constructor(driver: PgDriverParts, attempt: Attempt) {
    const { clientConfig, endpoint, ssl, startup } = driver;
    this.#driver = driver;
    this.#life = new Lifecycle(driver, this, attempt);
    this.#login = new PgLogin(endpoint, driver.scram, driver.now);
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
    // Register before pg's own listener, which begins the handshake.
    if (this.#driver.ssl !== false) {
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
    if (life.connected()) life.enter(this.#driver.ssl === false ? 'login' : 'ssl-reply');
  }

  /**
   * Runs before pg sees the message, because pg would answer it. If the login fails here, the socket is gone, and the
   * answer of pg is not sent.
   */
  onMessage(message: PgMessage): void {
    const life = this.#life;
    if (message.name === 'notice') this.#handleNotice(message);
    if (!life.isAttempt) return;
    if (message.name === 'backendKeyData') life.attempt.backendPid = message.processID ?? ABSENT;
    const { parameterName, parameterValue } = message;
    if (parameterName !== undefined) life.role?.noteParameter(parameterName, parameterValue ?? '');
    if (isRequest(message)) life.authRequested();
    const problem = this.#login.judge(message, life.attempt.encryptedUs !== ABSENT);
    if (problem !== undefined) life.fail({ ...problem, phase: life.phase });
    else if (message.name === 'authenticationOk') life.accepted();
  }

  onLastWord(): void {
    this.#login.noteAnswer();
    this.#life.authenticated();
  }

  askQuery(number: number): void {
    const { statements } = this.#driver;
    const text = statements[number % statements.length];
    if (text === undefined) return;
    const statement = new PgStatement(text);
    statement.once('end', () => this.#life.answered());
    statement.on('error', (error) => this.#handleError(error));
    this.#client.query(statement);
  }

  askRole(statement: string): void {
    const life = this.#life;
    const query = { text: statement, rowMode: 'array' as const };
    this.#client.query(query, (error: Error | null, result: { rows: unknown[][] } | undefined) => {
      if (error !== null) {
        this.#handleError(error);
        return;
      }
      life.role?.noteAnswer(renderValue(result?.rows?.[0]?.[0]));
      life.ready();
    });
  }

  askAge(): void {
    this.#ask(AGE_QUERY, (row) => {
      // pg returns a bigint as text.
      this.#life.ageTold(parseAge((row as { age_us?: unknown } | undefined)?.age_us));
    });
  }

  /**
   * Ends the connection as an application does, by `client.end()`. During a query pg then only breaks off the socket.
   */
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
      life.fail(describeSslRefusal(reply, this.#driver.endpoint.sslmode));
      return;
    }
    life.enter('handshake');
    // pg emits this when it begins the handshake. The StartupMessage then waits inside the TLS socket.
    this.#connection.once('sslconnect', () => {
      const secure = this.#connection.stream as TLSSocket;
      secure.once('secureConnect', () => {
        if (life.encrypted()) life.enter('login');
      });
    });
  }

  #handleNotice({ message = '', code = '', severity: said }: PgMessage): void {
    const severity = findSeverity(said);
    if (severity !== 'LOG' || this.#driver.plan.serverTimes.options === undefined) {
      this.#life.noticed({ code, message, severity });
    } else if (this.#life.isAttempt && code === '00000') {
      const times = parseSetupMessage(message);
      if (times !== undefined) this.#life.attempt.noteSetup(times);
    }
  }

  /**
   * Asks a query. `takeRow` gets the first row of an answer without an error (undefined if there is none), before the
   * answer counts as complete.
   */
  #ask(text: string, takeRow: (row: unknown) => void): void {
    const life = this.#life;
    this.#client.query(text, (error: Error | null, result: pg.QueryResult | undefined) => {
      if (error === null) {
        // From a damaged answer pg makes a list of results, which has no rows.
        takeRow(result?.rows?.[0]);
        life.answered();
      } else if (life.stage === 'sampling' && isServersNo(error)) {
        // pg reports nothing more about this answer.
        life.answered();
      } else {
        this.#handleError(error);
      }
    });
  }

  /** Handles an error from pg. Outside of a query pg gives up at any error. May run more than once. */
  #handleError(error: Error): void {
    const life = this.#life;
    const failure = describePgError(error, life.phase);
    if (error instanceof pg.DatabaseError) life.serverError(failure);
    else life.broken(failure);
  }

  /** Destroys the TLS socket, if there is one, and the plain socket below it. */
  #destroy(): void {
    this.#connection.stream.destroy();
    this.#socket.destroy();
  }
}

/** Returns whether the server only refused the query: an ERROR leaves the connection as it was, a FATAL ends it. */
function isServersNo(error: Error): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR';
}

/** Returns a value as the server sent it: pg makes a boolean of `t` and `f`. */
function renderValue(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return typeof value === 'string' ? value : undefined;
}
