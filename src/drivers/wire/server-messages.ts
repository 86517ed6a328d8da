import type { TLSSocket } from 'node:tls';
import type { Failure } from '../../model/measures.ts';
import { describeFrameProblem, notPostgres, quoteByte, readServerError } from '../failure.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { LoginExchange, type LoginPort } from '../login/login-exchange.ts';
import type { LoginFindings } from '../login/login-findings.ts';
import type { LoginProblem } from '../login/login-problem.ts';
import { FrameReader, type FrameReceiver } from '../protocol/frames.ts';
import { readFirstValue, readSeverity } from '../protocol/message-fields.ts';
import {
  AUTH_OK,
  AUTHENTICATION,
  BACKEND_KEY_DATA,
  COPY_IN_RESPONSE,
  DATA_ROW,
  ERROR_RESPONSE,
  NEGOTIATE_PROTOCOL_VERSION,
  NOTICE_RESPONSE,
  PARAMETER_STATUS,
  READY_FOR_QUERY,
} from '../protocol/message-types.ts';
import { readNotice } from '../protocol/notice.ts';
import { readAge, readSetupNotice } from '../protocol/server-times.ts';
import type { WireDriverParts } from './wire-driver-parts.ts';

/** The connection that the messages come from. */
export interface ServerMessagesOwner {
  write(message: Buffer): void;
  /** undefined: without TLS. */
  readonly secured: TLSSocket | undefined;
  /** undefined: findings are not collected. */
  readonly findings: LoginFindings | undefined;
}

/** The server's messages on one connection. Cuts the stream into messages, and informs the lifecycle of each. */
export class ServerMessages implements FrameReceiver, LoginPort {
  private readonly driver: WireDriverParts;
  private readonly life: Lifecycle;
  private readonly owner: ServerMessagesOwner;
  private readonly frames = new FrameReader();
  private exchange: LoginExchange | undefined = undefined;

  constructor(driver: WireDriverParts, life: Lifecycle, owner: ServerMessagesOwner) {
    this.driver = driver;
    this.life = life;
    this.owner = owner;
  }

  receive(buffer: Buffer, length: number): void {
    const problem = this.frames.read(buffer, length, this);
    if (problem !== undefined) this.life.broken(describeFrameProblem(problem, this.life.phase));
  }

  /** Describes the unfinished message with which the stream has ended; undefined if that explains nothing. */
  describeUnfinished(): Failure | undefined {
    const problem = this.frames.endOfStream();
    return problem && describeFrameProblem(problem, this.life.phase);
  }

  /** See LifecycleOwner. */
  get derivingUs(): number | undefined {
    return this.exchange?.derivingUs;
  }

  handleFrame(type: number, buffer: Buffer, start: number, end: number): boolean {
    // The cases are compared in order, and the first ones are the most frequent messages of a login.
    switch (type) {
      case PARAMETER_STATUS:
        this.owner.findings?.noteParameter(buffer, start, end);
        if (this.life.role !== undefined) this.noteParameter(buffer, start, end);
        break;
      case AUTHENTICATION:
        this.handleAuthentication(buffer, start, end);
        break;
      case READY_FOR_QUERY:
        this.life.ready();
        break;
      case ERROR_RESPONSE:
        this.handleError(buffer, start, end);
        break;
      case BACKEND_KEY_DATA:
        this.noteBackend(buffer, start, end);
        break;
      case NOTICE_RESPONSE:
        this.handleNotice(buffer, start, end);
        break;
      case DATA_ROW:
        this.handleRow(buffer, start, end);
        break;
      case COPY_IN_RESPONSE:
        this.refuseCopy();
        break;
      case NEGOTIATE_PROTOCOL_VERSION:
        break;
      default:
        this.handleOther(type);
    }
    return this.life.stage !== 'over';
  }

  /** Notes the pid of a BackendKeyData: pid, secret key. */
  private noteBackend(buffer: Buffer, start: number, end: number): void {
    if (end - start < 4) return;
    const pid = buffer.readInt32BE(start);
    this.life.attempt.backendPid = pid;
    if (this.owner.findings !== undefined) this.owner.findings.backendPid = pid;
  }

  skipFrame(): void {}

  /** Writes a message of the exchange. It may come late, because keys take their time. */
  send(message: Buffer, last: boolean): void {
    if (this.life.stage !== 'login') return;
    this.owner.write(message);
    if (last) this.life.authenticated();
  }

  /** Fails the attempt with a problem of the exchange. */
  fail(problem: LoginProblem): void {
    this.life.fail({ ...problem, phase: this.life.phase });
  }

  private handleAuthentication(buffer: Buffer, start: number, end: number): void {
    const { life } = this;
    if (life.stage !== 'login' || life.isAccepted || end - start < 4) {
      life.broken(notPostgres(life.phase, 'an authentication request at the wrong moment'));
      return;
    }
    const { endpoint, scram } = this.driver;
    this.exchange ??= new LoginExchange(endpoint, scram, this.owner.secured, this);
    const request = buffer.readUInt32BE(start);
    if (request === AUTH_OK) {
      this.handleOk(this.exchange);
      return;
    }
    life.authRequested();
    this.exchange.answer(request, buffer, start + 4, end);
  }

  private handleOk(exchange: LoginExchange): void {
    const problem = exchange.judgeOk();
    if (problem !== undefined) {
      this.fail(problem);
      return;
    }
    this.life.accepted();
    this.owner.findings?.noteAuth(exchange);
  }

  private handleError(buffer: Buffer, start: number, end: number): void {
    const { life } = this;
    if (life.stage === 'login') this.owner.findings?.noteRefusal(this.exchange, life.isAccepted);
    life.serverError(readServerError(buffer, start, end, life.phase));
  }

  private handleNotice(buffer: Buffer, start: number, end: number): void {
    const { serverTimes } = this.driver.plan;
    if (serverTimes.options !== undefined && readSeverity(buffer, start, end) === 'LOG') {
      this.noteSetup(buffer, start, end);
    } else {
      this.life.noticed(readNotice(buffer, start, end));
    }
  }

  /** Notes the setup notice. LOG messages come only because connstorm asked for them, so no others are kept. */
  private noteSetup(buffer: Buffer, start: number, end: number): void {
    if (!this.life.isAttempt) return;
    const times = readSetupNotice(buffer, start, end);
    if (times !== undefined) this.life.attempt.noteSetup(times);
  }

  /** Answers a statement that wants COPY's data. The server then fails the statement. */
  private refuseCopy(): void {
    if (this.life.stage === 'querying') this.owner.write(this.driver.messages.copyFail);
    else this.handleOther(COPY_IN_RESPONSE);
  }

  private noteParameter(buffer: Buffer, start: number, end: number): void {
    const [name, value] = buffer.toString('latin1', start, end).split('\0');
    if (name !== undefined && value !== undefined) this.life.role?.noteParameter(name, value);
  }

  private handleRow(buffer: Buffer, start: number, end: number): void {
    const { stage } = this.life;
    if (stage === 'sampling') this.life.ageTold(readAge(buffer, start, end));
    else if (stage === 'checking') this.life.role?.noteAnswer(readFirstValue(buffer, start, end));
    else this.handleOther(DATA_ROW);
  }

  /** Handles any other message. After the login such messages belong to the answers to our own queries. */
  private handleOther(type: number): void {
    const { life } = this;
    if (life.isAttempt && life.stage !== 'checking')
      life.fail(notPostgres(life.phase, `message ${quoteByte(type)}`));
  }
}
