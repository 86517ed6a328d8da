import type { TLSSocket } from 'node:tls';
import type { Failure, FailurePhase } from '../../result/records/measures.ts';
import { ABSENT, type Attempt } from '../driver.ts';
import {
  boundFailure,
  closedByServer,
  describeFrameProblem,
  describeSocketError,
  endUnheard,
  explainEnd,
  isHeldUpByKeys,
  scramTooSlow,
  timedOut,
} from '../failure.ts';
import type { FrameReader } from '../protocol/frames.ts';
import { isAskingStage, isAttemptStage, isOpenStage, phaseOf, type Stage } from '../stage.ts';
import type { Link, LinkOwner, LinkProblem } from '../transport/link.ts';
import type { LiveConnection, WireShared } from './wire-shared.ts';

/** Under TLS Node shows the server's close_notify, not the FIN behind it: our own FIN waits so long, to be the second. */
const TLS_FIN_MS = 100;

/**
 * One attempt's connection and its life: at which stage it is, when its time is over, and what its end, ours or the
 * other side's, means to the sink. What it says and reads is in the classes made from it: opening-connection.ts, then
 * wire-connection.ts.
 */
export abstract class AttemptedConnection implements LiveConnection, LinkOwner {
  protected readonly shared: WireShared;
  readonly attempt: Attempt;
  protected stage: Stage = 'connecting';
  /** The server has accepted the login and prepares its backend. */
  protected accepted = false;
  /** Told to close while a query was under way: it closes with the answer, or where none comes in time. */
  protected isLeaving = false;
  protected link: Link;
  /** Once there is TLS, or its handshake. */
  protected secured: TLSSocket | undefined = undefined;
  /** There from the first message on. */
  protected frames: FrameReader | undefined = undefined;
  /** What the server said that does not end the connection by itself, but explains its end where that comes next. */
  protected lastWord: Failure | undefined = undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(shared: WireShared, attempt: Attempt) {
    this.shared = shared;
    this.attempt = attempt;
    this.link = shared.createLink(this, attempt);
    const { abandonAfterUs, timeoutUs } = shared.plan;
    this.startTimer(abandonAfterUs ?? timeoutUs);
    shared.live.add(this);
  }

  /** To be called once. */
  open(): void {
    this.link.connect();
  }

  abstract established(): void;
  abstract receive(buffer: Buffer, length: number): void;

  broken(problem: LinkProblem): void {
    if (this.stage === 'over') return;
    this.endBroken(this.explain(describeSocketError(problem, this.phase())));
  }

  /** Where it was waited for, it ends our close; else the other side has closed. */
  ended(): void {
    if (this.stage === 'over') return;
    if (this.stage === 'closing') this.handleServerEnd();
    else this.handleClosed();
  }

  /** How long the server has waited for us, who compute the proof of a password; undefined: it does not. */
  protected abstract get derivingUs(): number | undefined;

  cancelAttempt(): void {
    if (!this.isAttempt()) return;
    this.finish();
    this.shared.sink.cancelled(this.attempt, this.shared.now());
  }

  closeConnection(atOnce = false): void {
    // Terminate behind a query is not how a session ends well: the backend meets our reset as it answers.
    if (isAskingStage(this.stage) && !atOnce) this.isLeaving = true;
    else if (isOpenStage(this.stage)) this.startClosing();
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

  protected isAttempt(): boolean {
    return isAttemptStage(this.stage);
  }

  protected phase(): FailurePhase {
    return phaseOf(this.stage, this.attempt, this.accepted);
  }

  protected startTimer(us: number): void {
    // Node cuts what is left of a millisecond off; its own clock may make it up to one less.
    this.timer = setTimeout(expire, Math.ceil(us / 1000), this);
  }

  protected stopTimer(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  protected startClosing(): void {
    const { plan, messages } = this.shared;
    if (plan.close === 'reset') this.link.reset();
    else this.link.write(messages.terminate);
    if (plan.close === 'server-first') this.awaitServerEnd();
    else this.endConnection('closed', undefined);
  }

  /** The other side broke it off, or did not answer: what that means depends on how far we were. */
  protected endBroken(failure: Failure): void {
    if (this.isAttempt()) this.fail(failure);
    else if (this.stage === 'querying') this.endConnection('queryFailed', failure);
    else if (isOpenStage(this.stage)) this.endConnection('cut', failure);
    else if (this.stage === 'closing') this.endConnection('closed', failure);
  }

  protected fail(failure: Failure): void {
    if (!this.isAttempt()) return;
    this.finish();
    this.shared.sink.failed(this.attempt, boundFailure(failure), this.shared.now());
  }

  /** Whoever sends FIN first keeps TIME_WAIT: ours waits for the server's. */
  private awaitServerEnd(): void {
    this.stopTimer();
    this.stage = 'closing';
    this.attempt.terminatedUs = this.shared.now();
    this.startTimer(this.shared.plan.timeoutUs);
    this.link.keepOpen();
  }

  private handleServerEnd(): void {
    this.stopTimer();
    const isFirst = this.attempt.closedUs === ABSENT;
    if (isFirst) this.attempt.closedUs = this.shared.now();
    const end = (): void => this.endConnection('closed', undefined);
    if (isFirst && this.secured !== undefined) this.timer = setTimeout(end, TLS_FIN_MS);
    else end();
  }

  private handleClosed(): void {
    const unfinished = this.frames?.endOfStream();
    const phase = this.phase();
    this.endBroken(
      unfinished ? describeFrameProblem(unfinished, phase) : this.explain(closedByServer(phase)),
    );
  }

  /** What an end of the connection means by what was said before. */
  private explain(failure: Failure): Failure {
    return this.isUnheard() ? endUnheard(failure) : explainEnd(failure, this.lastWord);
  }

  /** The connection is there, and nothing has come over it; of a handshake Node does not tell. */
  private isUnheard(): boolean {
    const isWaiting = this.stage === 'ssl-reply' || this.stage === 'login';
    return isWaiting && this.frames === undefined && this.attempt.spawnedUs === ABSENT;
  }

  private endExpired(): void {
    if (this.isAttempt()) this.giveUp();
    // A backend that does not tell its age has done nothing wrong: the question was ours, not the scenario's.
    else if (this.stage === 'holding' || this.stage === 'sampling') this.startClosing();
    else this.endBroken(timedOut(this.phase(), this.shared.plan.timeoutUs));
  }

  /** Our patience with the attempt is over. One that is abandoned is that, whoever was slow, we with our proof included. */
  private giveUp(): void {
    const { plan, sink, now, keyring } = this.shared;
    const { abandonAfterUs, timeoutUs } = plan;
    const isOurs = isHeldUpByKeys(this.derivingUs ?? 0, abandonAfterUs ?? timeoutUs);
    if (abandonAfterUs !== undefined) {
      if (isOurs) keyring.noteAbandoned();
      this.finish();
      sink.abandoned(this.attempt, now());
    } else if (isOurs) {
      this.fail(scramTooSlow(timeoutUs));
    } else {
      this.fail(timedOut(this.phase(), timeoutUs));
    }
  }

  private endConnection(
    outcome: 'closed' | 'queryFailed' | 'cut',
    failure: Failure | undefined,
  ): void {
    this.finish();
    const short = failure && boundFailure(failure);
    this.shared.sink.connectionEnded(this.attempt, outcome, short, this.shared.now());
  }

  private finish(): void {
    this.stage = 'over';
    this.stopTimer();
    this.shared.live.delete(this);
    // What was written is with the kernel already: libuv writes at once where the socket takes it.
    this.link.close();
  }
}

function expire(connection: AttemptedConnection): void {
  connection.expire();
}
