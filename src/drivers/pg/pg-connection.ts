import type { TLSSocket } from 'node:tls';
import pg from 'pg';
import type { Boundary, Failure } from '../../result/records/measures.ts';
import { drawHoldUs } from '../../scenario/plan/plan.ts';
import { ABSENT, type Attempt } from '../driver.ts';
import { announcesEnd, describeServerError, readyBeforeLogin } from '../failure.ts';
import { findSeverity } from '../protocol/message-fields.ts';
import { createNotice, MOST_NOTICES } from '../protocol/notice.ts';
import { AGE_QUERY, isSampled, parseAge, parseSetupMessage } from '../protocol/server-times.ts';
import { SSL_NO, SSL_YES } from '../protocol/ssl-reply.ts';
import { PgAttempt } from './pg-attempt.ts';
import { describeSslRefusal } from './pg-failure.ts';
import { isRequest } from './pg-login.ts';
import type { PgShared } from './pg-shared.ts';
import { type ConnectionObserver, type PgMessage, StampedConnection } from './pg-stamps.ts';

/** One attempt through a pg.Client of its own, and the connection that comes of it. */
export class PgConnection extends PgAttempt implements ConnectionObserver {
  readonly #connection: StampedConnection;
  readonly #client: pg.Client;
  #queriesLeft: number;
  /** The backend is to be asked for its age yet. */
  #sampleLeft: boolean;
  /** So many more notices are told of. */
  #noticesLeft = MOST_NOTICES;

  constructor(shared: PgShared, attempt: Attempt) {
    super(shared, attempt);
    const { plan, clientConfig, ssl, startup } = shared;
    this.#queriesLeft = plan.queries;
    this.#sampleLeft = isSampled(plan.serverTimes, attempt.index);
    this.#connection = new StampedConnection({
      socket: this.socket,
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
    const { live, plan, ssl } = this.shared;
    live.add(this);
    this.startTimer(plan.timeoutUs);
    // Before pg's own listener, which begins the handshake.
    if (ssl !== false) this.socket.once('data', (reply) => this.#handleSslReply(reply));
    this.#client.on('error', (error) => this.endBroken(error));
    this.#client.connect((error: Error | null) => {
      if (error !== null) this.endBroken(error);
      else this.#handleReady();
    });
  }

  onEstablished(): void {
    if (this.stage !== 'connecting') return;
    this.attempt.establishedUs = this.shared.now();
    this.stage = this.shared.ssl === false ? 'login' : 'ssl-reply';
  }

  #handleSslReply(reply: Buffer): void {
    if (this.stage !== 'ssl-reply') return;
    const [first] = reply;
    if (reply.length === 1 && (first === SSL_YES || first === SSL_NO)) {
      this.#stampSpawn('sslrequest');
    }
    if (reply.length !== 1 || first !== SSL_YES) {
      this.fail(describeSslRefusal(reply, this.shared.endpoint.sslmode));
      return;
    }
    this.stage = 'handshake';
    // pg emits it when it begins the handshake, and has the StartupMessage wait inside the TLS socket.
    this.#connection.once('sslconnect', () => {
      const secure = this.#connection.stream as TLSSocket;
      secure.once('secureConnect', () => this.#handleSecured());
    });
  }

  #handleSecured(): void {
    if (this.stage !== 'handshake') return;
    this.attempt.encryptedUs = this.shared.now();
    this.stage = 'login';
  }

  #handleNotice({ message = '', code = '', severity: said }: PgMessage): void {
    const severity = findSeverity(said);
    if (severity === 'LOG' && this.shared.plan.serverTimes.options !== undefined) {
      if (this.isAttempt() && code === '00000') this.#noteSetup(message);
      return;
    }
    const phase = this.phase();
    if (announcesEnd(code, severity)) {
      this.lastWord = describeServerError(code, message, phase, severity);
    }
    const isEarly = this.isAttempt() || this.stage === 'querying';
    if (!isEarly || this.#noticesLeft === 0) return;
    this.#noticesLeft--;
    const { sink, now } = this.shared;
    sink.noticed?.(this.attempt, createNotice({ code, message, severity, phase }), now());
  }

  #noteSetup(message: string): void {
    const times = parseSetupMessage(message);
    if (times !== undefined) this.attempt.noteSetup(times);
  }

  protected end(told: () => void): void {
    this.#client.end(told);
  }

  protected get stream(): { destroy(): unknown } {
    return this.#connection.stream;
  }

  /** Comes before pg hears of it, which would answer: on a socket that is gone, it says nothing. */
  onMessage(message: PgMessage): void {
    if (message.name === 'notice') this.#handleNotice(message);
    if (!this.isAttempt()) return;
    const { spawnedUs, encryptedUs } = this.attempt;
    const isEncrypted = encryptedUs !== ABSENT;
    if (spawnedUs === ABSENT && !isEncrypted && isRequest(message))
      this.#stampSpawn('auth-request');
    const failure = this.#judge(message, isEncrypted);
    if (failure !== undefined) this.fail(failure);
  }

  /** Why the login cannot go on, if it cannot. pg takes ReadyForQuery for its cue, whatever came before it. */
  #judge(message: PgMessage, isEncrypted: boolean): Failure | undefined {
    const problem = this.login.judge(message, isEncrypted);
    if (problem !== undefined) return { ...problem, phase: this.phase() };
    const isEarly = message.name === 'readyForQuery' && !this.login.isAccepted;
    return isEarly ? readyBeforeLogin(this.phase()) : undefined;
  }

  onLastWord(): void {
    this.login.noteAnswer();
    if (this.stage === 'login') this.attempt.authenticatedUs = this.shared.now();
  }

  #stampSpawn(boundary: Boundary): void {
    this.attempt.spawnedUs = this.shared.now();
    this.attempt.boundary = boundary;
  }

  #handleReady(): void {
    // A ReadyForQuery that comes after FATAL is pg's cue too.
    if (!this.isAttempt()) return;
    this.attempt.readyUs = this.shared.now();
    this.stopTimer();
    this.stage = this.#queriesLeft > 0 ? 'querying' : 'holding';
    this.shared.sink.ready(this.attempt);
    this.#continueConnection();
  }

  #handleQueryDone(): void {
    if (this.stage !== 'querying') return;
    this.stopTimer();
    this.#queriesLeft--;
    if (this.attempt.queriedUs === ABSENT) {
      this.attempt.queriedUs = this.shared.now();
      this.shared.sink.firstQuery(this.attempt);
    }
    this.#continueConnection();
  }

  #continueConnection(): void {
    // Told of its progress, the sink may have closed the connection.
    if (this.stage === 'over') return;
    if (this.isLeaving) this.startClosing();
    else if (this.#queriesLeft > 0) this.#ask('SELECT 1', () => this.#handleQueryDone());
    else if (this.#sampleLeft) this.#askAge();
    else this.#hold();
  }

  #ask(text: string, handleAnswer: (rows: unknown[]) => void): void {
    const { plan } = this.shared;
    this.startTimer(plan.timeoutUs);
    this.#client.query(text, (error: Error | null, result: pg.QueryResult | undefined) => {
      if (error === null) handleAnswer(result?.rows ?? []);
      else if (this.stage === 'sampling' && isServersNo(error)) handleAnswer([]);
      else this.endBroken(error);
    });
  }

  #askAge(): void {
    this.stage = 'sampling';
    this.#sampleLeft = false;
    this.#ask(AGE_QUERY, ([row]) => this.#handleAge(row));
  }

  #handleAge(row: unknown): void {
    if (this.stage !== 'sampling') return;
    this.stopTimer();
    const { sink, now } = this.shared;
    // pg leaves a bigint as text.
    const ageUs = parseAge((row as { age_us?: unknown } | undefined)?.age_us);
    if (ageUs !== undefined) {
      this.attempt.backendAgeUs = ageUs;
      sink.backendAge(this.attempt, now());
    }
    this.#continueConnection();
  }

  #hold(): void {
    const { plan } = this.shared;
    this.stage = 'holding';
    const holdUs = drawHoldUs(plan.holdUs, this.attempt);
    if (holdUs === 0) this.startClosing();
    else if (holdUs !== 'end') this.startTimer(holdUs);
  }
}

/** An ERROR leaves the connection as it was, a FATAL ends it. */
function isServersNo(error: Error): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR';
}
