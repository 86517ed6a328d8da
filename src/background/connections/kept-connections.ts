import type { Clock } from '../../clock.ts';
import { Attempt, type AttemptSink, type ConnectionPlan } from '../../drivers/driver.ts';
import type { Endpoint } from '../../drivers/endpoint.ts';
import type { LoginFindings } from '../../drivers/login/login-findings.ts';
import { OWN_CONNECTION } from '../../drivers/own-connection.ts';
import type { StatementsPlan } from '../../drivers/protocol/statements.ts';
import { WireDriver } from '../../drivers/wire/wire.ts';
import type { WireConnection } from '../../drivers/wire/wire-connection.ts';
import { describeFailure } from '../../failure-text.ts';
import type { Failure } from '../../model/measures.ts';
import type { KeptCounts, OpeningRecord } from '../../result/records/background.ts';
import type { ActEnd, Kept, NoteFailure } from '../activity.ts';
import { Losses } from './losses.ts';
import type { OpeningLimit } from './opening-limit.ts';

/** How many logins are under way at once. There are few, so that the opening is no storm itself. */
const LOGINS_AT_ONCE = 8;
/** Lost connections are opened again at most at this pace: 50 a second. */
const REOPEN_EVERY_MS = 100;
const REOPENED_AT_ONCE = 5;

export interface KeptOptions {
  endpoint: Endpoint;
  timeoutUs: number;
  /** What a connection sends when it is asked to. */
  statements: StatementsPlan;
  wanted: number;
  /** Decides whether more are opened before the load; absent: all must be opened. */
  limit?: OpeningLimit;
  note: NoteFailure;
  now: Clock;
  /** Whether the key of each backend is kept, for cancel requests. */
  keepsKeys?: boolean;
}

/** One connection that is kept, from its login to its end. */
interface Slot {
  connection: WireConnection | undefined;
  findings: LoginFindings | undefined;
  /** Set while it is asked. */
  end: ActEnd | undefined;
  /** Whether it was opened after the load began, in place of one that has ended. */
  isReplacement: boolean;
  /** Whether its end is meant, so that it does not count as lost. */
  isSpent: boolean;
}

/**
 * Connections that are opened before the load and kept until it is over. A statement may be run on each. One that is
 * lost is opened again, at a bounded pace.
 */
export class KeptConnections implements Kept {
  readonly #options: KeptOptions;
  readonly #driver: WireDriver;
  readonly #losses: Losses;
  /** Connections on which nothing runs. The one that has waited longest comes first. */
  readonly #idle: Slot[] = [];
  #wanted: number;
  #open = 0;
  #logins = 0;
  #serial = 0;
  #isClosing = false;
  #stopReopening = (): void => {};
  /** Called when a login of the opening has ended; undefined after the opening. */
  #advance: ((failure?: Failure) => void) | undefined;

  constructor(options: KeptOptions) {
    this.#options = options;
    this.#wanted = options.wanted;
    this.#losses = new Losses(options.now);
    const { endpoint, now } = options;
    this.#driver = new WireDriver(endpoint, planConnection(options), this.#createSink(), now);
  }

  get openCount(): number {
    return this.#open;
  }

  /** Returns the pids of the backends, as the server reported them. */
  listBackends(): number[] {
    return this.#driver.listBackends().flat();
  }

  /** Connections that nothing is asked of. */
  get idleCount(): number {
    return this.#idle.length;
  }

  /**
   * Opens the connections. With a limit, resolves with fewer than asked for if the limit or the target ends it, but not
   * with none. Rejects with an Error of one line if the first one fails; without a limit, if any fails.
   */
  open(): Promise<OpeningRecord> {
    const { wanted, limit, now } = this.#options;
    const startUs = now();
    return new Promise((resolve, reject) => {
      let leftOut: string | undefined;
      this.#advance = (failure) => {
        if (this.#isClosing) leftOut ??= 'the run was stopped';
        else if (failure !== undefined) leftOut ??= describeRefused(failure);
        const isWhole = this.#open + this.#logins >= wanted;
        if (!isWhole) leftOut ??= limit?.objectTo(this.#open + this.#logins, now() - startUs);
        if (leftOut === undefined && !isWhole && this.#logins < LOGINS_AT_ONCE) {
          this.#login(false);
          this.#advance?.();
        } else if (this.#logins === 0) {
          this.#advance = undefined;
          const hasFailed = leftOut !== undefined && (limit === undefined || this.#open === 0);
          if (hasFailed) {
            reject(new Error(leftOut));
            return;
          }
          this.#wanted = this.#open;
          const elapsedUs = now() - startUs;
          const left = leftOut === undefined ? {} : { leftOut };
          resolve({ asked: wanted, opened: this.#open, elapsedUs, ...left });
        }
      };
      this.#advance();
    });
  }

  /** From now on, lost connections are opened again. */
  begin(): void {
    const timer = setInterval(() => this.#reopen(), REOPEN_EVERY_MS);
    this.#stopReopening = () => clearInterval(timer);
  }

  /** Runs the statement on the connection that has waited longest. */
  ask(end: ActEnd): void {
    const slot = this.#idle.shift();
    if (slot === undefined || this.#isClosing) {
      end({ end: 'skipped' });
      return;
    }
    slot.end = end;
    if (slot.connection?.askAgain() === true) return;
    slot.end = undefined;
    this.#idle.push(slot);
    end({ end: 'skipped' });
  }

  /** Returns the key of one backend after another, for a CancelRequest; undefined: no connection is open. */
  takeBackendKey(): Buffer | undefined {
    const slot = this.#idle.shift();
    if (slot === undefined) return undefined;
    this.#idle.push(slot);
    return slot.findings?.backendKey;
  }

  /**
   * Takes out the connection that has waited longest, to be ended by the server: its end will not count as lost.
   * `putBack`: makes it one of the others again, if it was not ended. undefined: no connection is open.
   */
  spend(): { pid: number; putBack: () => void } | undefined {
    const slot = this.#idle.shift();
    const pid = slot?.findings?.backendPid;
    if (slot === undefined || pid == null) return undefined;
    slot.isSpent = true;
    const putBack = (): void => {
      // It may have ended meanwhile.
      if (!slot.isSpent || slot.connection === undefined) return;
      slot.isSpent = false;
      this.#idle.push(slot);
    };
    return { pid, putBack };
  }

  take(): KeptCounts {
    return { wanted: this.#wanted, open: this.#open, ...this.#losses.take() };
  }

  /**
   * Without `atOnce`, connections that were opened with a limit stay open until the server has ended their backends, if
   * nothing is asked of any. Hundreds of backends that end take memory and CPU time from whatever comes next.
   */
  close(atOnce = true): void {
    if (this.#isClosing) {
      if (atOnce) this.#driver.closeConnections(true);
      return;
    }
    this.#isClosing = true;
    this.#stopReopening();
    this.#driver.cancelAttempts();
    const isBusy = this.#idle.length < this.#open;
    this.#driver.closeConnections(atOnce || isBusy || this.#options.limit === undefined);
    this.#advance?.();
  }

  #login(isReplacement: boolean): void {
    this.#logins++;
    const slot: Slot = {
      connection: undefined,
      findings: undefined,
      end: undefined,
      isReplacement,
      isSpent: false,
    };
    const atUs = this.#options.now();
    const attempt = new Attempt(0, this.#serial++, atUs, atUs, slot);
    slot.connection = this.#driver.openConnection(attempt);
    if (this.#options.keepsKeys === true) slot.findings = slot.connection.collectFindings();
  }

  #reopen(): void {
    const missing = this.#wanted - this.#open - this.#logins;
    const most = Math.min(missing, REOPENED_AT_ONCE, LOGINS_AT_ONCE - this.#logins);
    for (let begun = 0; begun < most; begun++) this.#login(true);
  }

  #createSink(): AttemptSink {
    const notReady = (failure?: Failure): void => {
      this.#logins--;
      if (failure !== undefined && this.#advance === undefined && !this.#isClosing) {
        this.#options.note('attempt', failure);
      }
      this.#advance?.(failure);
    };
    return {
      ready: (attempt) => {
        this.#logins--;
        this.#open++;
        const slot = slotOf(attempt);
        this.#idle.push(slot);
        if (slot.isReplacement) this.#losses.cameBack();
        this.#advance?.();
      },
      failed: (_attempt, failure) => notReady(failure),
      cancelled: () => notReady(),
      abandoned: () => notReady(),
      firstQuery: (attempt) => this.#answered(slotOf(attempt)),
      usable: () => {},
      backendAge: () => {},
      connectionEnded: (attempt, _outcome, failure) => this.#ended(slotOf(attempt), failure),
      turned: () => {},
    };
  }

  #answered(slot: Slot): void {
    const { end } = slot;
    slot.end = undefined;
    this.#idle.push(slot);
    end?.({ end: 'done' });
  }

  #ended(slot: Slot, failure: Failure | undefined): void {
    this.#open--;
    const at = this.#idle.indexOf(slot);
    if (at !== -1) this.#idle.splice(at, 1);
    const { end } = slot;
    slot.end = undefined;
    if (this.#isClosing) {
      end?.({ end: 'cancelled' });
      return;
    }
    slot.connection = undefined;
    if (slot.isSpent) return;
    this.#losses.lost();
    const why = failure ?? UNEXPLAINED;
    if (end === undefined) this.#options.note('connection', why);
    else end({ end: 'failed', failure: why });
  }
}

const UNEXPLAINED: Failure = {
  layer: 'network',
  phase: 'hold',
  code: 'CLOSED',
  message: 'the connection ended',
};

function slotOf(attempt: Attempt): Slot {
  return attempt.owner as Slot;
}

function describeRefused(failure: Failure): string {
  return `the target refused a further one: ${describeFailure(failure)}`;
}

function planConnection({ statements, timeoutUs, limit }: KeptOptions): ConnectionPlan {
  return {
    ...OWN_CONNECTION,
    statements,
    close: limit === undefined ? 'terminate' : 'server-first',
    timeoutUs,
  };
}
