import { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Boundary, Failure, Phase } from '../result/records.ts';
import { drawHoldUs } from '../scenario/plan.ts';
import { ABSENT, type Attempt } from './driver.ts';
import {
  boundFailure,
  closedByServer,
  describeFrameProblem,
  describeSocketError,
  noAlpn,
  noTls,
  notPostgres,
  quoteByte,
  readServerError,
  scramTooSlow,
  timedOut,
} from './failure.ts';
import { FrameReader, type FrameReceiver } from './frames.ts';
import { LoginExchange } from './login-exchange.ts';
import { LoginFindings } from './login-findings.ts';
import { isAttemptStage, phaseOf, type Stage } from './stage.ts';
import { isPostgresProtocol, startTls } from './tls.ts';
import type { LiveConnection, WireShared } from './wire-shared.ts';

// What the server says (https://www.postgresql.org/docs/current/protocol-message-formats.html).
const AUTHENTICATION = 0x52; // R
const AUTHENTICATION_OK = 0;
const BACKEND_KEY_DATA = 0x4b; // K
const ERROR_RESPONSE = 0x45; // E
const NEGOTIATE_PROTOCOL_VERSION = 0x76; // v
const NOTICE_RESPONSE = 0x4e; // N
const PARAMETER_STATUS = 0x53; // S
const READY_FOR_QUERY = 0x5a; // Z
const SSL_YES = 0x53; // S
const SSL_NO = 0x4e; // N

/** Under TLS Node shows the server's close_notify, not the FIN behind it: our own FIN waits so long, to be the second. */
const TLS_FIN_MS = 100;

/**
 * One attempt's socket, and the connection that comes of it: it stamps the attempt and tells the sink what becomes
 * of it. A Socket itself, because that is the cheapest thing Node can call back with.
 */
export class WireConnection extends Socket implements FrameReceiver, LiveConnection {
  private readonly shared: WireShared;
  private readonly attempt: Attempt;
  private stage: Stage = 'connecting';
  private frames: FrameReader | undefined = undefined;
  private exchange: LoginExchange | undefined = undefined;
  private findings: LoginFindings | undefined = undefined;
  private tlsSocket: TLSSocket | undefined = undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The server has accepted the login and prepares its backend. */
  private accepted = false;
  private queriesLeft: number;

  constructor(shared: WireShared, attempt: Attempt) {
    super(shared.socketOptions);
    this.shared = shared;
    this.attempt = attempt;
    this.queriesLeft = shared.plan.queries;
    const { abandonAfterUs, timeoutUs } = shared.plan;
    this.timer = setTimeout(expire, (abandonAfterUs ?? timeoutUs) / 1000, this);
    shared.live.add(this);
    this.on('connect', this.onEstablished);
    this.on('error', this.onSocketError);
    this.on('close', this.onSocketClosed);
  }

  /** Has what the login shows noted in the returned object. */
  collectFindings(): LoginFindings {
    this.findings ??= new LoginFindings();
    return this.findings;
  }

  cancelAttempt(): void {
    if (!this.isAttempt()) return;
    this.finish();
    this.shared.sink.cancelled(this.attempt, this.shared.now());
  }

  closeConnection(atOnce = false): void {
    if (this.stage === 'querying' || this.stage === 'holding') this.startClosing();
    if (this.stage === 'closing' && atOnce) this.endConnection('closed', undefined);
  }

  /**
   * The time for the attempt, for a query, for holding the connection, or for the server's FIN is over. Node runs timers
   * before it reads sockets: after a hold-up of our own, the answer may be here already. So it is judged after the next
   * reading.
   */
  expire(): void {
    const expired = this.timer;
    setImmediate(() => {
      if (this.stage !== 'over' && this.timer === expired) this.endExpired();
    });
  }

  private endExpired(): void {
    if (this.isAttempt()) this.giveUp();
    else if (this.stage === 'holding') this.startClosing();
    else this.endBroken(timedOut(this.phase(), this.shared.plan.timeoutUs));
  }

  handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean {
    switch (type) {
      case AUTHENTICATION:
        this.handleAuthentication(buffer, start, end);
        break;
      case READY_FOR_QUERY:
        this.handleReady();
        break;
      case ERROR_RESPONSE:
        this.endBroken(readServerError(buffer, start, end, this.phase()));
        break;
      case PARAMETER_STATUS:
        this.findings?.noteParameter(buffer, start, end);
        break;
      case BACKEND_KEY_DATA:
        this.findings?.noteBackendKey(buffer, start, end);
        break;
      case NOTICE_RESPONSE:
      case NEGOTIATE_PROTOCOL_VERSION:
        break;
      default:
        // After the login these are the rows of our own queries.
        if (this.isAttempt()) this.fail(notPostgres(this.phase(), `message ${quoteByte(type)}`));
    }
    return this.stage !== 'over';
  }

  private isAttempt(): boolean {
    return isAttemptStage(this.stage);
  }

  private phase(): Phase {
    return phaseOf(this.stage, this.attempt, this.accepted);
  }

  private output(): Socket {
    return this.tlsSocket ?? this;
  }

  private onEstablished(): void {
    if (this.stage !== 'connecting') return;
    this.attempt.establishedUs = this.shared.now();
    const { sslmode, tls } = this.shared.endpoint;
    if (sslmode === 'disable') {
      this.startLogin();
    } else if (tls?.negotiation === 'direct') {
      this.startDirectTls();
    } else {
      this.stage = 'ssl-reply';
      this.write(this.shared.messages.sslRequest);
    }
  }

  private startLogin(): void {
    this.stage = 'login';
    this.output().write(this.shared.messages.startup);
  }

  /** Takes what came: `buffer[0, length)`, which may be reused afterwards. */
  receive(buffer: Buffer, length: number): void {
    // Behind Terminate only the server's end counts, whatever it still sends.
    if (this.stage === 'over' || this.stage === 'closing') return;
    if (this.stage === 'ssl-reply' && this.frames === undefined) {
      this.handleSslReply(buffer, length);
    } else {
      this.receiveMessages(buffer, length);
    }
  }

  private receiveMessages(buffer: Buffer, length: number): void {
    this.frames ??= new FrameReader();
    const problem = this.frames.read(buffer, length, this);
    if (problem !== undefined) this.endBroken(describeFrameProblem(problem, this.phase()));
  }

  /** One byte, or the ErrorResponse of a server or pooler that refuses before TLS is settled. */
  private handleSslReply(buffer: Buffer, length: number): void {
    const reply = buffer[0] ?? 0;
    if (reply === ERROR_RESPONSE) {
      this.receiveMessages(buffer, length);
    } else if (reply !== SSL_YES && reply !== SSL_NO) {
      this.fail(notPostgres('spawn', `${quoteByte(reply)} in reply to SSLRequest`));
    } else if (length !== 1) {
      // More than the one byte did not come through TLS: somebody put it in (CVE-2021-23222).
      this.fail(notPostgres('spawn', 'unencrypted bytes behind the reply to SSLRequest'));
    } else {
      this.stampSpawn('sslrequest');
      if (reply === SSL_YES) this.startHandshake();
      else this.goOnWithoutTls();
    }
  }

  private goOnWithoutTls(): void {
    const { sslmode } = this.shared.endpoint;
    if (sslmode === 'prefer') this.startLogin();
    else this.fail(noTls(sslmode));
  }

  private stampSpawn(boundary: Boundary): void {
    this.attempt.spawnedUs = this.shared.now();
    this.attempt.boundary = boundary;
  }

  private startHandshake(): TLSSocket {
    const { tlsOptions } = this.shared;
    if (tlsOptions === undefined) throw new Error('a TLS handshake under sslmode=disable');
    this.stage = 'handshake';
    const secure = startTls(this, tlsOptions);
    this.tlsSocket = secure;
    secure.once('secureConnect', () => this.onSecured(secure));
    secure.on('data', (chunk) => this.receive(chunk, chunk.length));
    secure.on('error', (error) => this.onSocketError(error));
    secure.once('close', () => this.onSocketClosed());
    return secure;
  }

  /** The server's first bytes are its hello, which holds its half of the handshake. */
  private startDirectTls(): void {
    // The first thing that Node tells of a handshake: the server's hello has been read, and gives keys.
    this.startHandshake().once('keylog', () => {
      if (this.stage === 'handshake') this.stampSpawn('tls');
    });
  }

  private onSecured(secure: TLSSocket): void {
    if (this.stage !== 'handshake') return;
    this.attempt.encryptedUs = this.shared.now();
    this.findings?.noteTls(secure);
    const isDirect = this.shared.endpoint.tls?.negotiation === 'direct';
    if (isDirect && !isPostgresProtocol(secure)) this.fail(noAlpn());
    else this.startLogin();
  }

  private handleAuthentication(buffer: Buffer, start: number, end: number): void {
    if (this.stage !== 'login' || this.accepted || end - start < 4) {
      this.endBroken(notPostgres(this.phase(), 'an authentication request out of turn'));
      return;
    }
    this.exchange ??= this.createExchange();
    const request = buffer.readUInt32BE(start);
    if (request === AUTHENTICATION_OK) {
      this.handleOk(this.exchange);
      return;
    }
    if (this.attempt.spawnedUs === ABSENT && this.attempt.encryptedUs === ABSENT) {
      this.stampSpawn('auth-request');
    }
    this.exchange.answer(request, buffer, start + 4, end);
  }

  private handleOk(exchange: LoginExchange): void {
    const problem = exchange.judgeOk();
    if (problem !== undefined) {
      this.fail({ ...problem, phase: this.phase() });
      return;
    }
    this.accepted = true;
    if (this.findings) this.findings.auth = exchange.method ?? 'trust';
  }

  private createExchange(): LoginExchange {
    const { endpoint, keyring } = this.shared;
    return new LoginExchange(endpoint, keyring, this.tlsSocket, {
      send: (message, last) => {
        if (this.stage !== 'login') return;
        this.output().write(message);
        if (last) this.attempt.authenticatedUs = this.shared.now();
      },
      fail: (problem) => this.fail({ ...problem, phase: this.phase() }),
    });
  }

  private handleReady(): void {
    if (this.stage === 'querying') this.handleQueryDone();
    else if (this.isAttempt() && this.accepted) this.startConnection();
    else if (this.isAttempt()) this.fail(notPostgres(this.phase(), 'ReadyForQuery before a login'));
  }

  private startConnection(): void {
    this.attempt.readyUs = this.shared.now();
    this.stopTimer();
    this.stage = this.queriesLeft > 0 ? 'querying' : 'holding';
    this.shared.sink.ready(this.attempt);
    this.continueConnection();
  }

  private handleQueryDone(): void {
    this.stopTimer();
    this.queriesLeft--;
    if (this.attempt.queriedUs === ABSENT) {
      this.attempt.queriedUs = this.shared.now();
      this.shared.sink.firstQuery(this.attempt);
    }
    this.continueConnection();
  }

  private continueConnection(): void {
    // Told of its progress, the sink may have closed the connection, or begun to.
    if (this.stage === 'over' || this.stage === 'closing') return;
    const { plan, messages } = this.shared;
    if (this.queriesLeft > 0) {
      this.timer = setTimeout(expire, plan.timeoutUs / 1000, this);
      this.output().write(messages.query);
      return;
    }
    this.stage = 'holding';
    const holdUs = drawHoldUs(plan.holdUs, this.attempt.index);
    if (holdUs === 0) this.startClosing();
    else if (holdUs !== 'end') this.timer = setTimeout(expire, holdUs / 1000, this);
  }

  private startClosing(): void {
    const { plan, messages } = this.shared;
    if (plan.close === 'reset') {
      // On the socket itself, under TLS too: the encrypted one has no way to reset.
      this.resetAndDestroy();
    } else {
      this.output().write(messages.terminate);
    }
    if (plan.close === 'server-first') this.awaitServerEnd();
    else this.endConnection('closed', undefined);
  }

  /** Whoever sends FIN first keeps TIME_WAIT: ours waits for the server's. */
  private awaitServerEnd(): void {
    this.stopTimer();
    this.stage = 'closing';
    this.attempt.terminatedUs = this.shared.now();
    this.timer = setTimeout(expire, this.shared.plan.timeoutUs / 1000, this);
    const output = this.output();
    // Or Node would answer a close_notify with our FIN.
    output.allowHalfOpen = true;
    output.once('end', () => this.onServerEnd());
  }

  private onServerEnd(): void {
    if (this.stage !== 'closing') return;
    this.attempt.closedUs = this.shared.now();
    this.stopTimer();
    const end = (): void => this.endConnection('closed', undefined);
    if (this.tlsSocket === undefined) end();
    else this.timer = setTimeout(end, TLS_FIN_MS);
  }

  private onSocketError(error: Error): void {
    if (this.stage !== 'over') this.endBroken(describeSocketError(error, this.phase()));
  }

  private onSocketClosed(): void {
    if (this.stage === 'over') return;
    const unfinished = this.frames?.endOfStream();
    const phase = this.phase();
    this.endBroken(unfinished ? describeFrameProblem(unfinished, phase) : closedByServer(phase));
  }

  /** The other side broke it off, or did not answer: what that means depends on how far we were. */
  private endBroken(failure: Failure): void {
    if (this.isAttempt()) this.fail(failure);
    else if (this.stage === 'querying') this.endConnection('queryFailed', failure);
    else if (this.stage === 'holding') this.endConnection('cut', failure);
    else if (this.stage === 'closing') this.endConnection('closed', failure);
  }

  /** Our patience with the attempt is over. */
  private giveUp(): void {
    const { plan, sink, now } = this.shared;
    const { abandonAfterUs, timeoutUs } = plan;
    if (this.exchange?.isDeriving) {
      this.fail(scramTooSlow(abandonAfterUs ?? timeoutUs));
    } else if (abandonAfterUs === undefined) {
      this.fail(timedOut(this.phase(), timeoutUs));
    } else {
      this.finish();
      sink.abandoned(this.attempt, now());
    }
  }

  private fail(failure: Failure): void {
    if (!this.isAttempt()) return;
    this.finish();
    this.shared.sink.failed(this.attempt, boundFailure(failure), this.shared.now());
  }

  private endConnection(
    outcome: 'closed' | 'queryFailed' | 'cut',
    failure: Failure | undefined,
  ): void {
    this.finish();
    const short = failure && boundFailure(failure);
    this.shared.sink.connectionEnded(this.attempt, outcome, short, this.shared.now());
  }

  private stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private finish(): void {
    this.stage = 'over';
    this.stopTimer();
    this.shared.live.delete(this);
    // What was written is with the kernel already: libuv writes at once where the socket takes it.
    this.tlsSocket?.destroy();
    this.destroy();
  }
}

/** The read callback of every plain socket, called on it; `buffer` is shared by all connections of the thread. */
export function receiveChunk(this: WireConnection, length: number, buffer: Buffer): boolean {
  this.receive(buffer, length);
  return true;
}

function expire(connection: WireConnection): void {
  connection.expire();
}
