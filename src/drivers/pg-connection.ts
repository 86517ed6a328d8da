import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import pg from 'pg';
import type { Clock } from '../clock.ts';
import type { Boundary, Failure, Phase } from '../result/records.ts';
import { drawHoldUs } from '../scenario/plan.ts';
import {
  ABSENT,
  type Attempt,
  type AttemptSink,
  type ConnectionPlan,
  type Endpoint,
} from './driver.ts';
import { boundFailure, scramTooSlow, timedOut } from './failure.ts';
import { describePgError, describeSslRefusal } from './pg-failure.ts';
import { isRequest, PgLogin, type PgScramCosts } from './pg-login.ts';
import { type ConnectionObserver, type PgMessage, StampedConnection } from './pg-stamps.ts';
import { isAttemptStage, phaseOf, type Stage } from './stage.ts';
import type { LiveConnection } from './wire-shared.ts';

/** What all connections of one driver have in common. */
export interface PgShared {
  plan: ConnectionPlan;
  sink: AttemptSink;
  now: Clock;
  endpoint: Endpoint;
  clientConfig: pg.ClientConfig;
  /** Parameters of the StartupMessage. */
  startup: Record<string, string>;
  ssl: pg.ClientConfig['ssl'];
  scram: PgScramCosts;
  /** Connections that are not over. */
  live: Set<LiveConnection>;
}

const SSL_YES = 0x53; // S
const SSL_NO = 0x4e; // N
/** A server or pooler that keeps the socket open after Terminate is waited for so long. */
const END_TIMEOUT_MS = 1000;

/** One attempt through a pg.Client of its own, and the connection that comes of it. */
export class PgConnection implements LiveConnection, ConnectionObserver {
  readonly #shared: PgShared;
  readonly #attempt: Attempt;
  readonly #socket = new Socket();
  readonly #connection: StampedConnection;
  readonly #client: pg.Client;
  #stage: Stage = 'connecting';
  #timer: NodeJS.Timeout | undefined;
  readonly #login: PgLogin;
  #queriesLeft: number;

  constructor(shared: PgShared, attempt: Attempt) {
    const { plan, now, endpoint, clientConfig, ssl, startup, scram } = shared;
    this.#shared = shared;
    this.#attempt = attempt;
    this.#login = new PgLogin(endpoint, scram, now);
    this.#queriesLeft = plan.queries;
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
    const { live, plan, ssl } = this.#shared;
    live.add(this);
    this.#timer = setTimeout(expire, plan.timeoutUs / 1000, this);
    // Before pg's own listener, which begins the handshake.
    if (ssl !== false) this.#socket.once('data', (reply) => this.#handleSslReply(reply));
    this.#client.on('error', (error) => this.#endBroken(error));
    this.#client.connect((error: Error | null) => {
      if (error !== null) this.#endBroken(error);
      else this.#handleReady();
    });
  }

  cancelAttempt(): void {
    if (!this.#isAttempt()) return;
    this.#finish();
    this.#destroy();
    this.#shared.sink.cancelled(this.#attempt, this.#shared.now());
  }

  /** As an application does: `client.end()`, which says Terminate unless a query is under way. */
  closeConnection(): void {
    if (this.#stage !== 'querying' && this.#stage !== 'holding') return;
    this.#finish();
    const patience = setTimeout(() => this.#destroy(), END_TIMEOUT_MS);
    this.#client.end(() => clearTimeout(patience));
    this.#endConnection('closed', undefined);
  }

  #isAttempt(): boolean {
    return isAttemptStage(this.#stage);
  }

  #phase(): Phase {
    return phaseOf(this.#stage, this.#attempt, this.#login.isAccepted);
  }

  onEstablished(): void {
    if (this.#stage !== 'connecting') return;
    this.#attempt.establishedUs = this.#shared.now();
    this.#stage = this.#shared.ssl === false ? 'login' : 'ssl-reply';
  }

  #handleSslReply(reply: Buffer): void {
    if (this.#stage !== 'ssl-reply') return;
    const [first] = reply;
    if (reply.length === 1 && (first === SSL_YES || first === SSL_NO)) {
      this.#stampSpawn('sslrequest');
    }
    if (reply.length !== 1 || first !== SSL_YES) {
      this.#fail(describeSslRefusal(reply, this.#shared.endpoint.sslmode));
      return;
    }
    this.#stage = 'handshake';
    // pg emits it when it begins the handshake, and has the StartupMessage wait inside the TLS socket.
    this.#connection.once('sslconnect', () => {
      const secure = this.#connection.stream as TLSSocket;
      secure.once('secureConnect', () => this.#handleSecured());
    });
  }

  #handleSecured(): void {
    if (this.#stage !== 'handshake') return;
    this.#attempt.encryptedUs = this.#shared.now();
    this.#stage = 'login';
  }

  /** Comes before pg hears of it, which would answer: on a socket that is gone, it says nothing. */
  onMessage(message: PgMessage): void {
    if (!this.#isAttempt()) return;
    const { spawnedUs, encryptedUs } = this.#attempt;
    const isEncrypted = encryptedUs !== ABSENT;
    if (spawnedUs === ABSENT && !isEncrypted && isRequest(message))
      this.#stampSpawn('auth-request');
    const problem = this.#login.judge(message, isEncrypted);
    if (problem !== undefined) this.#fail({ ...problem, phase: this.#phase() });
  }

  onLastWord(): void {
    this.#login.noteAnswer();
    if (this.#stage === 'login') this.#attempt.authenticatedUs = this.#shared.now();
  }

  #stampSpawn(boundary: Boundary): void {
    this.#attempt.spawnedUs = this.#shared.now();
    this.#attempt.boundary = boundary;
  }

  #handleReady(): void {
    // A ReadyForQuery that comes after FATAL is pg's cue too.
    if (!this.#isAttempt()) return;
    this.#attempt.readyUs = this.#shared.now();
    this.#stopTimer();
    this.#stage = this.#queriesLeft > 0 ? 'querying' : 'holding';
    this.#shared.sink.ready(this.#attempt);
    this.#continueConnection();
  }

  #handleQueryDone(): void {
    if (this.#stage !== 'querying') return;
    this.#stopTimer();
    this.#queriesLeft--;
    if (this.#attempt.queriedUs === ABSENT) {
      this.#attempt.queriedUs = this.#shared.now();
      this.#shared.sink.firstQuery(this.#attempt);
    }
    this.#continueConnection();
  }

  #continueConnection(): void {
    // Told of its progress, the sink may have closed the connection.
    if (this.#stage === 'over') return;
    const { plan } = this.#shared;
    if (this.#queriesLeft > 0) {
      this.#timer = setTimeout(expire, plan.timeoutUs / 1000, this);
      this.#client.query('SELECT 1', (error: Error | null) => {
        if (error === null) this.#handleQueryDone();
        else this.#endBroken(error);
      });
      return;
    }
    this.#stage = 'holding';
    const holdUs = drawHoldUs(plan.holdUs, this.#attempt.index);
    if (holdUs === 0) this.closeConnection();
    else if (holdUs !== 'end') this.#timer = setTimeout(expire, holdUs / 1000, this);
  }

  /**
   * The time for the attempt, for a query, or for holding the connection is over. Judged after the next reading of
   * sockets, as in the wire driver: the answer may be here already.
   */
  expire(): void {
    const expired = this.#timer;
    setImmediate(() => {
      if (this.#stage !== 'over' && this.#timer === expired) this.#endExpired();
    });
  }

  #endExpired(): void {
    const { timeoutUs } = this.#shared.plan;
    if (this.#isAttempt() && this.#login.isDeriving) this.#fail(scramTooSlow(timeoutUs));
    else if (this.#isAttempt()) this.#fail(timedOut(this.#phase(), timeoutUs));
    else if (this.#stage === 'querying') this.#breakConnection(timedOut('query', timeoutUs));
    else this.closeConnection();
  }

  /** pg has given up: what that means depends on whether the attempt was over. May come more than once. */
  #endBroken(error: Error): void {
    if (this.#stage === 'over') return;
    const failure = describePgError(error, this.#phase());
    if (this.#isAttempt()) this.#fail(failure);
    else this.#breakConnection(failure);
  }

  #fail(failure: Failure): void {
    this.#finish();
    this.#destroy();
    this.#shared.sink.failed(this.#attempt, boundFailure(failure), this.#shared.now());
  }

  #breakConnection(failure: Failure): void {
    const outcome = this.#stage === 'querying' ? 'queryFailed' : 'cut';
    this.#finish();
    this.#destroy();
    this.#endConnection(outcome, failure);
  }

  #endConnection(outcome: 'closed' | 'queryFailed' | 'cut', failure: Failure | undefined): void {
    const short = failure && boundFailure(failure);
    this.#shared.sink.connectionEnded(this.#attempt, outcome, short, this.#shared.now());
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #finish(): void {
    this.#stage = 'over';
    this.#stopTimer();
    this.#shared.live.delete(this);
  }

  /** The TLS socket, where there is one, and the plain one below. */
  #destroy(): void {
    this.#connection.stream.destroy();
    this.#socket.destroy();
  }
}

function expire(connection: PgConnection): void {
  connection.expire();
}
