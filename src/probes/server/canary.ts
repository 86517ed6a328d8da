import type { Clock } from '../../clock.ts';
import { Attempt, type AttemptSink, type ConnectionPlan } from '../../drivers/driver.ts';
import type { Endpoint } from '../../drivers/endpoint.ts';
import type { LoginFindings } from '../../drivers/login/login-findings.ts';
import { OWN_CONNECTION } from '../../drivers/own-connection.ts';
import { SELECT_ONE } from '../../drivers/protocol/statements.ts';
import { WireDriver } from '../../drivers/wire/wire.ts';
import type { WireConnection } from '../../drivers/wire/wire-connection.ts';
import type { Failure } from '../../model/measures.ts';

export interface CanaryOptions {
  endpoint: Endpoint;
  /** Limit for the login, and for each answer. Past it the canary is dead. */
  timeoutUs: number;
  /** The query; absent: `SELECT 1`. */
  question?: string | undefined;
  now: Clock;
  /** Called once it is logged in. */
  onReady?: () => void;
  /** Called at each answer. */
  onAnswer: () => void;
  /** Called once, when it could not be connected, its connection ended, or no answer came in time. */
  onDeath: (failure: Failure | undefined) => void;
}

/**
 * Asks a trivial query again and again on one connection. It shows how the server treats clients that it has let in.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #driver: WireDriver;
  readonly #connection: WireConnection;
  readonly #findings: LoginFindings;
  #askedUs: number;
  #answersUs: number[] = [];
  #isWaiting = false;
  #isOver = false;

  constructor(options: CanaryOptions) {
    const { endpoint, timeoutUs, question, now, onAnswer } = options;
    this.#options = options;
    const die = (failure: Failure | undefined): void => {
      if (this.#isOver) return;
      this.stop();
      options.onDeath(failure);
    };
    const sink: AttemptSink = {
      ready: () => {
        this.#askedUs = now();
        this.#isWaiting = true;
        options.onReady?.();
      },
      firstQuery: () => {
        this.#noteAnswer();
        onAnswer();
      },
      usable: () => {},
      backendAge: () => {},
      turned: () => {},
      cancelled: () => die(undefined),
      abandoned: () => die(undefined),
      failed: (_attempt, failure) => die(failure),
      connectionEnded: (_attempt, _outcome, failure) => die(failure),
    };
    this.#driver = new WireDriver(endpoint, planCanary(timeoutUs, question), sink, now);
    this.#askedUs = now();
    this.#connection = this.#driver.openConnection(new Attempt(0, 0, this.#askedUs, this.#askedUs));
    this.#findings = this.#connection.collectFindings();
  }

  /** Returns the server's number of the backend; null before the login. A pooler invents this number. */
  get backendPid(): number | null {
    return this.#findings.backendPid;
  }

  /** Returns how long the unanswered question has waited, in microseconds; undefined if none is unanswered. */
  get waitingUs(): number | undefined {
    return this.#isWaiting ? this.#options.now() - this.#askedUs : undefined;
  }

  /** Asks the query, unless the last one is still unanswered. */
  ask(): void {
    const askedUs = this.#options.now();
    if (!this.#connection.askAgain()) return;
    this.#askedUs = askedUs;
    this.#isWaiting = true;
  }

  /** Returns how long each answer since the last call took, in microseconds, in the order of time. */
  take(): number[] {
    const answersUs = this.#answersUs;
    this.#answersUs = [];
    return answersUs;
  }

  /** May be called twice. */
  stop(): void {
    this.#isOver = true;
    this.#isWaiting = false;
    this.#driver.cancelAttempts();
    this.#driver.closeConnections(true);
  }

  #noteAnswer(): void {
    this.#isWaiting = false;
    this.#answersUs.push(this.#options.now() - this.#askedUs);
  }
}

function planCanary(timeoutUs: number, question: string | undefined): ConnectionPlan {
  return {
    ...OWN_CONNECTION,
    queries: 1,
    statements: question === undefined ? SELECT_ONE : { ...SELECT_ONE, texts: [question] },
    timeoutUs,
  };
}
