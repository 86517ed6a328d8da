import { drawHoldUs } from '../../scenario/plan/plan.ts';
import { ABSENT, type Attempt } from '../driver.ts';
import {
  announcesEnd,
  describeFrameProblem,
  notPostgres,
  quoteByte,
  readServerError,
  readyBeforeLogin,
} from '../failure.ts';
import { LoginExchange } from '../login/login-exchange.ts';
import { LoginFindings } from '../login/login-findings.ts';
import { FrameReader, type FrameReceiver } from '../protocol/frames.ts';
import { readField, readSeverity } from '../protocol/message-fields.ts';
import {
  AUTH_OK,
  AUTHENTICATION,
  BACKEND_KEY_DATA,
  DATA_ROW,
  ERROR_RESPONSE,
  NEGOTIATE_PROTOCOL_VERSION,
  NOTICE_RESPONSE,
  PARAMETER_STATUS,
  READY_FOR_QUERY,
} from '../protocol/message-types.ts';
import { MOST_NOTICES, type Notice, readNotice } from '../protocol/notice.ts';
import { isSampled, readAge, readSetupNotice } from '../protocol/server-times.ts';
import { OpeningConnection } from './opening-connection.ts';
import type { WireShared } from './wire-shared.ts';

/** One attempt in the protocol's messages, from the login on, and the connection that comes of it. */
export class WireConnection extends OpeningConnection implements FrameReceiver {
  private exchange: LoginExchange | undefined = undefined;
  private queriesLeft: number;
  /** The backend is to be asked for its age yet. */
  private sampleLeft: boolean;
  /** So many more notices are told of. */
  private noticesLeft = MOST_NOTICES;

  constructor(shared: WireShared, attempt: Attempt) {
    super(shared, attempt);
    this.queriesLeft = shared.plan.queries;
    this.sampleLeft = isSampled(shared.plan.serverTimes, attempt.index);
  }

  /** Has what the login shows noted in the returned object. */
  collectFindings(): LoginFindings {
    this.findings ??= new LoginFindings();
    return this.findings;
  }

  /**
   * Asks one more query on a connection that is held; the sink is told of its answer as of a first one. False where the
   * connection is not idle, or over.
   */
  askAgain(): boolean {
    if (this.stage !== 'holding') return false;
    this.stopTimer();
    this.attempt.queriedUs = ABSENT;
    this.queriesLeft = 1;
    this.stage = 'querying';
    this.ask(this.shared.messages.query);
    return true;
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
        this.handleError(buffer, start, end);
        break;
      case PARAMETER_STATUS:
        this.findings?.noteParameter(buffer, start, end);
        break;
      case BACKEND_KEY_DATA:
        this.findings?.noteBackendKey(buffer, start, end);
        break;
      case NOTICE_RESPONSE:
        this.handleNotice(buffer, start, end);
        break;
      case DATA_ROW:
        this.handleRow(buffer, start, end);
        break;
      case NEGOTIATE_PROTOCOL_VERSION:
        break;
      default:
        this.handleOther(type);
    }
    return this.stage !== 'over';
  }

  protected receiveMessages(buffer: Buffer, length: number): void {
    this.frames ??= new FrameReader();
    const problem = this.frames.read(buffer, length, this);
    if (problem !== undefined) this.endBroken(describeFrameProblem(problem, this.phase()));
  }

  protected get derivingUs(): number | undefined {
    return this.exchange?.derivingUs;
  }

  private handleAuthentication(buffer: Buffer, start: number, end: number): void {
    if (this.stage !== 'login' || this.accepted || end - start < 4) {
      this.endBroken(notPostgres(this.phase(), 'an authentication request out of turn'));
      return;
    }
    this.exchange ??= this.createExchange();
    const request = buffer.readUInt32BE(start);
    if (request === AUTH_OK) {
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
    this.findings?.noteAuth(exchange);
  }

  private createExchange(): LoginExchange {
    const { endpoint, keyring } = this.shared;
    return new LoginExchange(endpoint, keyring, this.secured, {
      send: (message, last) => {
        if (this.stage !== 'login') return;
        this.link.write(message);
        if (last) this.attempt.authenticatedUs = this.shared.now();
      },
      fail: (problem) => this.fail({ ...problem, phase: this.phase() }),
    });
  }

  /**
   * An ERROR leaves a connection as it was: a backend that cannot tell its age has done no harm, and what a pooler says
   * between queries matters only if the connection ends next.
   */
  private handleError(buffer: Buffer, start: number, end: number): void {
    const failure = readServerError(buffer, start, end, this.phase());
    const isHarmless = failure.severity === 'ERROR';
    if (isHarmless && this.stage === 'holding') this.lastWord = failure;
    else if (!isHarmless || this.stage !== 'sampling') {
      if (this.stage === 'login') this.findings?.noteRefusal(this.exchange, this.accepted);
      this.endBroken(failure);
    }
  }

  private handleNotice(buffer: Buffer, start: number, end: number): void {
    const { serverTimes } = this.shared.plan;
    if (serverTimes.options !== undefined && readSeverity(buffer, start, end) === 'LOG') {
      this.noteSetup(buffer, start, end);
      return;
    }
    const code = readField(buffer, start, end, 'C');
    if (announcesEnd(code, readSeverity(buffer, start, end))) {
      this.lastWord = readServerError(buffer, start, end, this.phase());
    }
    if (this.isAttempt() || this.stage === 'querying') {
      this.tellNotice(readNotice(buffer, start, end, this.phase()));
    }
  }

  /** Only because we asked for messages of the log do any come in here. */
  private noteSetup(buffer: Buffer, start: number, end: number): void {
    if (!this.isAttempt()) return;
    const times = readSetupNotice(buffer, start, end);
    if (times !== undefined) this.attempt.noteSetup(times);
  }

  private tellNotice(notice: Notice): void {
    if (this.noticesLeft === 0) return;
    this.noticesLeft--;
    this.shared.sink.noticed?.(this.attempt, notice, this.shared.now());
  }

  private handleRow(buffer: Buffer, start: number, end: number): void {
    if (this.stage !== 'sampling') this.handleOther(DATA_ROW);
    else this.attempt.backendAgeUs = readAge(buffer, start, end) ?? ABSENT;
  }

  /** After the login these belong to the answers of our own queries. */
  private handleOther(type: number): void {
    if (this.isAttempt()) this.fail(notPostgres(this.phase(), `message ${quoteByte(type)}`));
  }

  private handleReady(): void {
    if (this.stage === 'querying') this.handleQueryDone();
    else if (this.stage === 'sampling') this.handleSampled();
    else if (this.isAttempt() && this.accepted) this.startConnection();
    else if (this.isAttempt()) this.fail(readyBeforeLogin(this.phase()));
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

  private handleSampled(): void {
    this.stopTimer();
    this.sampleLeft = false;
    if (this.attempt.backendAgeUs !== ABSENT) {
      this.shared.sink.backendAge(this.attempt, this.shared.now());
    }
    this.continueConnection();
  }

  private continueConnection(): void {
    // Told of its progress, the sink may have closed the connection, or begun to.
    if (this.stage === 'over' || this.stage === 'closing') return;
    const { messages } = this.shared;
    if (this.isLeaving) this.startClosing();
    else if (this.queriesLeft > 0) this.ask(messages.query);
    else if (this.sampleLeft) this.askAge();
    else this.hold();
  }

  private ask(query: Buffer): void {
    this.startTimer(this.shared.plan.timeoutUs);
    this.link.write(query);
  }

  private askAge(): void {
    this.stage = 'sampling';
    this.ask(this.shared.messages.ageQuery);
  }

  private hold(): void {
    const { plan } = this.shared;
    this.stage = 'holding';
    const holdUs = drawHoldUs(plan.holdUs, this.attempt);
    if (holdUs === 0) this.startClosing();
    else if (holdUs !== 'end') this.startTimer(holdUs);
  }
}
