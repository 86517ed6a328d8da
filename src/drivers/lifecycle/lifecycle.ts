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
import { Deadline, type DeadlineOwner, TLS_FIN_US } from './deadline.ts';
import type { DriverParts, LifecycleOwner } from './lifecycle-owner.ts';
import type { LiveConnection } from './live-connections.ts';
import { RoleCheck } from './role-check.ts';
import { isAskingStage, isAttemptStage, isOpenStage, phaseOf, type Stage } from './stage.ts';

/**
 * The life of one attempt and of the connection that it opens, for any driver. Its owner reports events (`connected`,
 * `ready`, `broken`, ...). The lifecycle keeps the stage and the deadline, stamps the attempt, informs the sink, and
 * orders the owner's next action. It knows no socket.
 */
export class Lifecycle implements LiveConnection, DeadlineOwner {
  readonly attempt: Attempt;
  /** The owner reads `stage` and `isAccepted`: the server has accepted the login and prepares its backend. */
  stage: Stage = 'connecting';
  isAccepted = false;
  /** Its owner gives it the server's parameters and answer. undefined: a server of any role is wanted. */
  readonly role: RoleCheck | undefined;
  private readonly driver: DriverParts;
  private readonly owner: LifecycleOwner;
  private readonly deadline = new Deadline(this);
  private queriesLeft: number;
  /** Whether the backend must still be asked for its age. */
  private isSampleLeft: boolean;
  private noticesLeft = MOST_NOTICES;
  /** Closing was ordered while an answer was due: it begins with the answer, or when the time for it is over. */
  private isLeaving = false;
  /** A message that does not end the connection by itself, but explains its end if that comes next. */
  private lastWord: Failure | undefined = undefined;

  constructor(driver: DriverParts, owner: LifecycleOwner, attempt: Attempt) {
    this.driver = driver;
    this.owner = owner;
    this.attempt = attempt;
    this.queriesLeft = driver.plan.queries;
    this.isSampleLeft = isSampled(driver.plan.serverTimes, attempt.index);
    const { wanted } = attempt.place;
    this.role = wanted === 'any' ? undefined : new RoleCheck(wanted);
  }

  /** Starts the attempt's time. Call it once, before all else. */
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

  /** Stamps the return of connect(). Returns false if the attempt no longer waits for it. Call `enter` next. */
  connected(): boolean {
    if (this.stage !== 'connecting') return false;
    this.attempt.establishedUs = this.driver.now();
    return true;
  }

  /** Moves the attempt on to the reply to SSLRequest, a TLS handshake, or the login. */
  enter(stage: 'ssl-reply' | 'handshake' | 'login'): void {
    this.stage = stage;
  }

  /** Stamps the server's first byte that shows that a backend runs. `boundary` says which it was. */
  spawned(boundary: Boundary): void {
    this.attempt.spawnedUs = this.driver.now();
    this.attempt.boundary = boundary;
  }

  /** Stamps the end of the TLS handshake. Returns false if the attempt no longer waits for it. Call `enter` next. */
  encrypted(): boolean {
    if (this.stage !== 'handshake') return false;
    this.attempt.encryptedUs = this.driver.now();
    return true;
  }

  /** Handles an authentication request. It is the server's first byte if there is no TLS and no reply to SSLRequest. */
  authRequested(): void {
    const { spawnedUs, encryptedUs } = this.attempt;
    if (spawnedUs === ABSENT && encryptedUs === ABSENT) this.spawned('auth-request');
  }

  /** Stamps the moment when our last authentication message was written. */
  authenticated(): void {
    if (this.stage === 'login') this.attempt.authenticatedUs = this.driver.now();
  }

  accepted(): void {
    this.isAccepted = true;
  }

  /** Handles ReadyForQuery: the end of the login, or of an answer. */
  ready(): void {
    if (!this.isAttempt) this.answered();
    else if (!this.isAccepted) this.fail(readyBeforeLogin(this.phase));
    else if (this.role === undefined) this.startConnection();
    else this.checkRole(this.role);
  }

  /** Handles the complete answer to our query. */
  answered(): void {
    if (!isAskingStage(this.stage)) return;
    this.deadline.stop();
    if (this.stage === 'querying') this.endQuery();
    else this.endSample();
    this.continueConnection();
  }

  /** Keeps the backend's age from its answer; undefined: it could not be read. */
  ageTold(ageUs: number | undefined): void {
    if (this.stage === 'sampling') this.attempt.backendAgeUs = ageUs ?? ABSENT;
  }

  /** Handles a notice as the server sent it, of any length. */
  noticed(said: Omit<Notice, 'phase'>): void {
    const { phase } = this;
    this.lastWord = describeAnnouncedEnd(said, phase) ?? this.lastWord;
    if (this.noticesLeft === 0 || !(this.isAttempt || this.stage === 'querying')) return;
    this.noticesLeft--;
    const { sink, now } = this.driver;
    sink.noticed?.(this.attempt, createNotice({ ...said, phase }), now());
  }

  /**
   * Handles an error from the server. An ERROR leaves a connection as it was: while the age is asked for, it does no
   * harm; between queries it matters only if the connection ends next.
   */
  serverError(failure: Failure): void {
    if (this.stage === 'checking' && this.role !== undefined) {
      this.turnAway(this.role.describeError(failure));
      return;
    }
    const isHarmless = failure.severity === 'ERROR';
    if (isHarmless && this.stage === 'holding') this.lastWord = failure;
    else if (!isHarmless || this.stage !== 'sampling') this.broken(failure);
  }

  /** Handles an end by the other side, or a missing answer. The stage and earlier messages decide what it means. */
  broken(failure: Failure): void {
    const { stage, phase, owner } = this;
    // The connection exists, and nothing came over it. Node does not report the bytes of a handshake.
    const isUnheard = phase === 'spawn' && stage !== 'handshake' && !owner.hasHeard;
    const explained = isUnheard ? endUnheard(failure) : explainEnd(failure, this.lastWord);
    if (this.isAttempt) this.fail(explained);
    else if (stage === 'querying') this.endConnection('queryFailed', explained);
    else if (isOpenStage(stage)) this.endConnection('cut', explained);
    else if (stage === 'closing') this.endConnection('closed', explained);
  }

  /** Fails the attempt by our own judgement. Does nothing if the attempt is over. */
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
    // Terminate right behind a query is not a clean end: the backend would meet our reset while it answers.
    if (isAskingStage(this.stage) && !atOnce) this.isLeaving = true;
    else if (isOpenStage(this.stage)) this.startClosing();
    if (this.stage === 'closing' && atOnce) this.endConnection('closed', undefined);
  }

  /** Asks one more query; the sink gets its answer as a firstQuery. Returns false if the connection is not held. */
  askAgain(): boolean {
    if (this.stage !== 'holding') return false;
    this.deadline.stop();
    this.attempt.queriedUs = ABSENT;
    this.queriesLeft = 1;
    this.ask('querying');
    return true;
  }

  /** Handles the server's FIN while `closing`. `isCloseNotify`: TLS's own end may come first, and the FIN later. */
  serverEnded(isCloseNotify: boolean): void {
    this.deadline.stop();
    const isFirst = this.attempt.closedUs === ABSENT;
    if (isFirst) this.attempt.closedUs = this.driver.now();
    if (isFirst && isCloseNotify) this.deadline.start(TLS_FIN_US);
    else this.endConnection('closed', undefined);
  }

  deadlinePassed(): void {
    if (this.isAttempt) this.giveUp();
    // A backend that does not report its age has done nothing wrong: connstorm asked, not the scenario.
    else if (this.stage === 'holding' || this.stage === 'sampling') this.startClosing();
    else if (this.attempt.closedUs !== ABSENT) this.endConnection('closed', undefined);
    else this.broken(timedOut(this.phase, this.driver.plan.timeoutUs));
  }

  /** Goes on if the server has the wanted role. It is asked once if the login did not show it. */
  private checkRole(role: RoleCheck): void {
    const { question } = role;
    if (question !== undefined && this.stage === 'login') {
      this.stage = 'checking';
      this.owner.askRole(question);
      return;
    }
    const misfit = role.judge();
    if (misfit === undefined) this.startConnection();
    else this.turnAway(misfit);
  }

  /** Fails an attempt at a server that has accepted it: the server gets a Terminate, as from libpq. */
  private turnAway(failure: Failure): void {
    this.owner.leave();
    this.fail(failure);
  }

  private startConnection(): void {
    this.attempt.readyUs = this.driver.now();
    this.deadline.stop();
    this.stage = this.queriesLeft > 0 ? 'querying' : 'holding';
    this.driver.sink.ready(this.attempt);
    this.continueConnection();
  }

  private endQuery(): void {
    const { attempt, driver } = this;
    const atUs = driver.now();
    this.queriesLeft--;
    if (attempt.queriedUs === ABSENT) {
      attempt.queriedUs = atUs;
      driver.sink.firstQuery(attempt);
    }
    if (this.queriesLeft === 0 && driver.plan.tellsUsable && this.stage === 'querying') {
      attempt.usableUs = atUs;
      driver.sink.usable(attempt);
    }
  }

  private endSample(): void {
    this.isSampleLeft = false;
    const { sink, now } = this.driver;
    if (this.attempt.backendAgeUs !== ABSENT) sink.backendAge(this.attempt, now());
  }

  private continueConnection(): void {
    // The sink may have closed the connection, or begun to, when it learned of the progress.
    if (this.stage === 'over' || this.stage === 'closing') return;
    const isOwed = this.queriesLeft > 0 && (!this.isLeaving || this.driver.plan.tellsUsable);
    if (isOwed) this.ask('querying');
    else if (this.isLeaving) this.startClosing();
    else if (this.isSampleLeft) this.ask('sampling');
    else this.hold();
  }

  private ask(stage: 'querying' | 'sampling'): void {
    this.stage = stage;
    this.deadline.start(this.driver.plan.timeoutUs);
    if (stage === 'querying') this.owner.askQuery(this.driver.plan.queries - this.queriesLeft);
    else this.owner.askAge();
  }

  private hold(): void {
    this.stage = 'holding';
    const holdUs = drawHoldUs(this.driver.plan.holdUs, this.attempt);
    if (holdUs === 0) this.startClosing();
    else if (holdUs !== 'end') this.deadline.start(holdUs);
  }

  /** Begins to close. The first to send FIN keeps TIME_WAIT, so under server-first we wait for the server's FIN. */
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

  /** Ends an attempt past its time. With an abandon time it is abandoned, even if our own SCRAM proof was slow. */
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
