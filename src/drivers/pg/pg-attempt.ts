import { Socket } from 'node:net';
import type { Failure, FailurePhase } from '../../result/records/measures.ts';
import { ABSENT, type Attempt } from '../driver.ts';
import {
  boundFailure,
  endUnheard,
  explainEnd,
  isHeldUpByKeys,
  scramTooSlow,
  timedOut,
} from '../failure.ts';
import { isAskingStage, isAttemptStage, isOpenStage, phaseOf, type Stage } from '../stage.ts';
import { keepAlive } from '../transport/socket-link.ts';
import type { LiveConnection } from '../wire/wire-shared.ts';
import { describePgError } from './pg-failure.ts';
import { PgLogin } from './pg-login.ts';
import type { PgShared } from './pg-shared.ts';

/** A server or pooler that keeps the socket open after Terminate is waited for so long. */
const END_TIMEOUT_MS = 1000;

/** One attempt through pg and its life: at which stage it is, when its time is over, and what its end means to the sink. */
export abstract class PgAttempt implements LiveConnection {
  protected readonly shared: PgShared;
  readonly attempt: Attempt;
  protected readonly socket = new Socket();
  protected stage: Stage = 'connecting';
  protected readonly login: PgLogin;
  /** Told to close while a query was under way: it closes with the answer, or where none comes in time. */
  protected isLeaving = false;
  /** What the server said that does not end the connection by itself, but explains its end where that comes next. */
  protected lastWord: Failure | undefined = undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(shared: PgShared, attempt: Attempt) {
    this.shared = shared;
    this.attempt = attempt;
    this.login = new PgLogin(shared.endpoint, shared.scram, shared.now);
    keepAlive(this.socket, shared.endpoint.keepaliveIdleS);
  }

  /** `client.end()`. */
  protected abstract end(told: () => void): void;

  /** The TLS socket, where there is one. */
  protected abstract get stream(): { destroy(): unknown };

  cancelAttempt(): void {
    if (!this.isAttempt()) return;
    this.#finish();
    this.#destroy();
    this.shared.sink.cancelled(this.attempt, this.shared.now());
  }

  /** As an application does: `client.end()`, which under a query breaks the socket off without Terminate. */
  closeConnection(atOnce = false): void {
    if (isAskingStage(this.stage) && !atOnce) this.isLeaving = true;
    else if (isOpenStage(this.stage)) this.startClosing();
  }

  protected startClosing(): void {
    this.#finish();
    const patience = setTimeout(() => this.#destroy(), END_TIMEOUT_MS);
    this.end(() => clearTimeout(patience));
    this.#endConnection('closed', undefined);
  }

  protected isAttempt(): boolean {
    return isAttemptStage(this.stage);
  }

  protected phase(): FailurePhase {
    return phaseOf(this.stage, this.attempt, this.login.isAccepted);
  }

  protected startTimer(us: number): void {
    // As in the wire driver.
    this.#timer = setTimeout(() => this.#expire(), Math.ceil(us / 1000));
  }

  /**
   * The time for the attempt, for a query, or for holding the connection is over. Judged after the next reading of
   * sockets, as in the wire driver: the answer may be here already.
   */
  #expire(): void {
    const expired = this.#timer;
    setImmediate(() => {
      if (this.stage !== 'over' && this.#timer === expired) this.#endExpired();
    });
  }

  #endExpired(): void {
    const { timeoutUs } = this.shared.plan;
    const isOurs = isHeldUpByKeys(this.login.derivingUs ?? 0, timeoutUs);
    if (this.isAttempt() && isOurs) this.fail(scramTooSlow(timeoutUs));
    else if (this.isAttempt()) this.fail(timedOut(this.phase(), timeoutUs));
    else if (this.stage === 'querying') this.#breakConnection(timedOut('query', timeoutUs));
    else this.startClosing();
  }

  /** pg has given up: what that means depends on whether the attempt was over. May come more than once. */
  protected endBroken(error: Error): void {
    if (this.stage === 'over') return;
    const told = describePgError(error, this.phase());
    // pg gives up on a connection that is idle at any error; as in the wire driver an ERROR leaves it as it was.
    if (this.stage === 'holding' && told.severity === 'ERROR') {
      this.lastWord = told;
      return;
    }
    const failure = this.#isUnheard() ? endUnheard(told) : explainEnd(told, this.lastWord);
    if (this.isAttempt()) this.fail(failure);
    else this.#breakConnection(failure);
  }

  /** The connection is there, and nothing has come over it. */
  #isUnheard(): boolean {
    const isWaiting = this.stage === 'ssl-reply' || this.stage === 'login';
    return isWaiting && this.attempt.spawnedUs === ABSENT && this.socket.bytesRead === 0;
  }

  protected fail(failure: Failure): void {
    this.#finish();
    this.#destroy();
    this.shared.sink.failed(this.attempt, boundFailure(failure), this.shared.now());
  }

  #breakConnection(failure: Failure): void {
    const outcome = this.stage === 'querying' ? 'queryFailed' : 'cut';
    this.#finish();
    this.#destroy();
    this.#endConnection(outcome, failure);
  }

  #endConnection(outcome: 'closed' | 'queryFailed' | 'cut', failure: Failure | undefined): void {
    const short = failure && boundFailure(failure);
    this.shared.sink.connectionEnded(this.attempt, outcome, short, this.shared.now());
  }

  protected stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #finish(): void {
    this.stage = 'over';
    this.stopTimer();
    this.login.noteOver();
    this.shared.live.delete(this);
  }

  /** The TLS socket, where there is one, and the plain one below. */
  #destroy(): void {
    this.stream.destroy();
    this.socket.destroy();
  }
}
