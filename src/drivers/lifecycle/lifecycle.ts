import type { Boundary, Failure, FailurePhase } from '../../model/measures.ts';
import { drawHoldUs } from '../../scenario/plan/plan.ts';
import { ABSENT, type Attempt, type ConnectionOutcome } from '../driver.ts';
import {
  boundFailure,
  endUnheard,
  explainEnd,
  isHeldUpByKeys,
  readyBeforeLogin,
  scramTooSlow,
  timedOut,
} from '../failure.ts';
import {
  createNotice,
  describeAnnouncedEnd,
  MOST_NOTICES,
  type Notice,
} from '../protocol/notice.ts';
import { isSampled } from '../protocol/server-times.ts';
import { Deadline, type DeadlineOwner } from './deadline.ts';
import type { DriverParts, LifecycleOwner } from './lifecycle-owner.ts';
import type { LiveConnection } from './live-connections.ts';
import { isAskingStage, isAttemptStage, isOpenStage, phaseOf, type Stage } from './stage.ts';

/** Under TLS Node shows the server's close_notify, not the FIN behind it: our own FIN waits so long, to be the second. */
const TLS_FIN_US = 100_000;

/**
 * The life of one attempt and of the connection that it opens, whatever driver opens it. Its owner says what has happened
 * (`connected`, `ready`, `broken`, ...). The lifecycle keeps the stage and the deadline, stamps the attempt, tells the
 * sink, and has the owner do what comes next. It knows no socket.
 */
export class Lifecycle implements LiveConnection, DeadlineOwner {
  readonly attempt: Attempt;
  /** Its owner reads it, and `isAccepted`: the server has accepted the login and prepares its backend. */
  stage: Stage = 'connecting';
  isAccepted = false;
  private readonly driver: DriverParts;
  private readonly owner: LifecycleOwner;
  private readonly deadline = new Deadline(this);
  private queriesLeft: number;
  /** The backend is to be asked for its age yet. */
  private isSampleLeft: boolean;
  private noticesLeft = MOST_NOTICES;
  /** Told to close while a query was under way: it closes with the answer, or where none comes in time. */
  private isLeaving = false;
  /** What the server said that does not end the connection by itself, but explains its end where that comes next. */
  private lastWord: Failure | undefined = undefined;

  constructor(driver: DriverParts, owner: LifecycleOwner, attempt: Attempt) {
    const { plan } = driver;
    this.driver = driver;
    this.owner = owner;
    this.attempt = attempt;
    this.queriesLeft = plan.queries;
    this.isSampleLeft = isSampled(plan.serverTimes, attempt.index);
  }

  /** The attempt's time begins. To be called once, before all else. */
  start(): void {
    const { plan, live } = this.driver;
    this.deadline.start(plan.abandonAfterUs ?? plan.timeoutUs);
    live.add(this);
  }

  get isAttempt(): boolean {
    return isAttemptStage(this.stage);
  }

  get phase(): FailurePhase {
    return phaseOf(this.stage, this.attempt, this.isAccepted);
  }

  /** connect() has returned; false: nobody waits for it any more. `enter` says what follows. */
  connected(): boolean {
    if (this.stage !== 'connecting') return false;
    this.attempt.establishedUs = this.driver.now();
    return true;
  }

  /** The attempt goes on: with the reply to SSLRequest, a TLS handshake, or the login. */
  enter(stage: 'ssl-reply' | 'handshake' | 'login'): void {
    this.stage = stage;
  }

  /** The server's first byte, by which a backend has shown that it runs. */
  spawned(boundary: Boundary): void {
    this.attempt.spawnedUs = this.driver.now();
    this.attempt.boundary = boundary;
  }

  /** The TLS handshake is done; false: nobody waits for it any more. `enter` says what follows. */
  encrypted(): boolean {
    if (this.stage !== 'handshake') return false;
    this.attempt.encryptedUs = this.driver.now();
    return true;
  }

  /** The server asks who we are: without TLS, and without a reply to SSLRequest, this is its first byte. */
  authRequested(): void {
    const { spawnedUs, encryptedUs } = this.attempt;
    if (spawnedUs === ABSENT && encryptedUs === ABSENT) this.spawned('auth-request');
  }

  /** Our last message of authentication was written. */
  authenticated(): void {
    if (this.stage === 'login') this.attempt.authenticatedUs = this.driver.now();
  }

  accepted(): void {
    this.isAccepted = true;
  }

  /** ReadyForQuery: the end of the login, or of an answer. */
  ready(): void {
    if (!this.isAttempt) this.answered();
    else if (this.isAccepted) this.startConnection();
    else this.fail(readyBeforeLogin(this.phase));
  }

  /** All of the answer to our question is here. */
  answered(): void {
    if (this.stage === 'querying') this.endQuery();
    else if (this.stage === 'sampling') this.endSample();
  }

  /** Part of an answer; undefined: it cannot be read. */
  ageTold(ageUs: number | undefined): void {
    if (this.stage === 'sampling') this.attempt.backendAgeUs = ageUs ?? ABSENT;
  }

  /** As the server said it, of any length. */
  noticed(said: Omit<Notice, 'phase'>): void {
    const { phase } = this;
    this.lastWord = describeAnnouncedEnd(said, phase) ?? this.lastWord;
    const isEarly = this.isAttempt || this.stage === 'querying';
    if (!isEarly || this.noticesLeft === 0) return;
    this.noticesLeft--;
    const { sink, now } = this.driver;
    sink.noticed?.(this.attempt, createNotice({ ...said, phase }), now());
  }

  /**
   * An ERROR leaves a connection as it was: a backend that cannot tell its age has done no harm, and what a pooler says
   * between queries matters only if the connection ends next.
   */
  serverError(failure: Failure): void {
    const isHarmless = failure.severity === 'ERROR';
    if (isHarmless && this.stage === 'holding') this.lastWord = failure;
    else if (!isHarmless || this.stage !== 'sampling') this.broken(failure);
  }

  /** The other side has ended it, or did not answer: what that means depends on how far we were, and on what was said. */
  broken(failure: Failure): void {
    const { stage, phase, owner } = this;
    // The connection is there, and nothing has come over it. Of a handshake Node does not tell.
    const isUnheard = phase === 'spawn' && stage !== 'handshake' && !owner.hasHeard;
    const told = isUnheard ? endUnheard(failure) : explainEnd(failure, this.lastWord);
    if (this.isAttempt) this.fail(told);
    else if (stage === 'querying') this.endConnection('queryFailed', told);
    else if (isOpenStage(stage)) this.endConnection('cut', told);
    else if (stage === 'closing') this.endConnection('closed', told);
  }

  /** The attempt cannot go on, by our own judgement; no more than that where it is over. */
  fail(failure: Failure): void {
    if (!this.isAttempt) return;
    this.finish();
    this.driver.sink.failed(this.attempt, boundFailure(failure), this.driver.now());
  }

  cancel(): void {
    if (!this.isAttempt) return;
    this.finish();
    this.driver.sink.cancelled(this.attempt, this.driver.now());
  }

  close(atOnce = false): void {
    // Terminate behind a query is not how a session ends well: the backend meets our reset as it answers.
    if (isAskingStage(this.stage) && !atOnce) this.isLeaving = true;
    else if (isOpenStage(this.stage)) this.startClosing();
    if (this.stage === 'closing' && atOnce) this.endConnection('closed', undefined);
  }

  /** Asks one more query, whose answer the sink is told of as of a first one; false where no connection is held. */
  askAgain(): boolean {
    if (this.stage !== 'holding') return false;
    this.deadline.stop();
    this.attempt.queriedUs = ABSENT;
    this.queriesLeft = 1;
    this.ask('querying');
    return true;
  }

  /** The server's FIN, in the stage `closing`. `isCloseNotify`: what comes first is TLS's own end, the FIN may follow. */
  serverEnded(isCloseNotify: boolean): void {
    this.deadline.stop();
    const isFirst = this.attempt.closedUs === ABSENT;
    if (isFirst) this.attempt.closedUs = this.driver.now();
    if (isFirst && isCloseNotify) this.deadline.start(TLS_FIN_US);
    else this.endConnection('closed', undefined);
  }

  deadlinePassed(): void {
    if (this.isAttempt) this.giveUp();
    // A backend that does not tell its age has done nothing wrong: the question was ours, not the scenario's.
    else if (this.stage === 'holding' || this.stage === 'sampling') this.startClosing();
    else if (this.attempt.closedUs !== ABSENT) this.endConnection('closed', undefined);
    else this.broken(timedOut(this.phase, this.driver.plan.timeoutUs));
  }

  private startConnection(): void {
    this.attempt.readyUs = this.driver.now();
    this.deadline.stop();
    this.stage = this.queriesLeft > 0 ? 'querying' : 'holding';
    this.driver.sink.ready(this.attempt);
    this.continueConnection();
  }

  private endQuery(): void {
    this.deadline.stop();
    this.queriesLeft--;
    if (this.attempt.queriedUs === ABSENT) {
      this.attempt.queriedUs = this.driver.now();
      this.driver.sink.firstQuery(this.attempt);
    }
    this.continueConnection();
  }

  private endSample(): void {
    this.deadline.stop();
    this.isSampleLeft = false;
    const { sink, now } = this.driver;
    if (this.attempt.backendAgeUs !== ABSENT) sink.backendAge(this.attempt, now());
    this.continueConnection();
  }

  private continueConnection(): void {
    // Told of its progress, the sink may have closed the connection, or begun to.
    if (this.stage === 'over' || this.stage === 'closing') return;
    if (this.isLeaving) this.startClosing();
    else if (this.queriesLeft > 0) this.ask('querying');
    else if (this.isSampleLeft) this.ask('sampling');
    else this.hold();
  }

  private ask(stage: 'querying' | 'sampling'): void {
    this.stage = stage;
    this.deadline.start(this.driver.plan.timeoutUs);
    if (stage === 'querying') this.owner.askQuery();
    else this.owner.askAge();
  }

  private hold(): void {
    this.stage = 'holding';
    const holdUs = drawHoldUs(this.driver.plan.holdUs, this.attempt);
    if (holdUs === 0) this.startClosing();
    else if (holdUs !== 'end') this.deadline.start(holdUs);
  }

  /** Whoever sends FIN first keeps TIME_WAIT: where the plan has it so, ours waits for the server's. */
  private startClosing(): void {
    if (!this.owner.leave()) {
      this.endConnection('closed', undefined);
      return;
    }
    this.deadline.stop();
    this.stage = 'closing';
    this.attempt.terminatedUs = this.driver.now();
    this.deadline.start(this.driver.plan.timeoutUs);
  }

  /** Who is to be abandoned is that, whoever was slow: we with our proof too. */
  private giveUp(): void {
    const { sink, now, scram } = this.driver;
    const { abandonAfterUs, timeoutUs } = this.driver.plan;
    const isOurs = isHeldUpByKeys(this.owner.derivingUs ?? 0, abandonAfterUs ?? timeoutUs);
    if (abandonAfterUs === undefined) {
      this.fail(isOurs ? scramTooSlow(timeoutUs) : timedOut(this.phase, timeoutUs));
      return;
    }
    if (isOurs) scram.noteAbandoned();
    this.finish();
    sink.abandoned(this.attempt, now());
  }

  private endConnection(outcome: ConnectionOutcome, failure: Failure | undefined): void {
    this.finish();
    const short = failure && boundFailure(failure);
    this.driver.sink.connectionEnded(this.attempt, outcome, short, this.driver.now());
  }

  private finish(): void {
    this.stage = 'over';
    this.deadline.stop();
    this.driver.live.delete(this);
    this.owner.drop();
  }
}
