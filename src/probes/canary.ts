import type { Clock } from '../clock.ts';
import {
  Attempt,
  type AttemptSink,
  type ConnectionPlan,
  type Endpoint,
} from '../drivers/driver.ts';
import { WireDriver } from '../drivers/wire.ts';
import type { WireConnection } from '../drivers/wire-connection.ts';
import type { Failure } from '../result/measures.ts';

const EVERY_MS = 100;

export interface CanaryOptions {
  endpoint: Endpoint;
  /** For the login, and again for each answer: then the canary is dead. */
  timeoutUs: number;
  now: Clock;
  /** Its first answer came. */
  onAlive: () => void;
  /** It could not be connected, its connection ended, or it got no answer. Called once. */
  onDeath: (failure: Failure | undefined) => void;
}

/** A trivial query at a fixed pace on a connection opened before the storm: how the server is to those it has let in. */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #driver: WireDriver;
  readonly #connection: WireConnection;
  readonly #timer: NodeJS.Timeout;
  #askedUs: number;
  #answersUs: number[] = [];
  #isWaiting = false;
  #isOver = false;

  constructor(options: CanaryOptions) {
    const { endpoint, timeoutUs, now, onAlive } = options;
    this.#options = options;
    const die = (failure: Failure | undefined): void => {
      if (this.#isOver) return;
      this.stop();
      options.onDeath(failure);
    };
    const sink: AttemptSink = {
      ready: () => {
        this.#askedUs = now();
      },
      firstQuery: () => {
        this.#noteAnswer();
        onAlive();
      },
      backendAge: () => {},
      turned: () => {},
      cancelled: () => die(undefined),
      abandoned: () => die(undefined),
      failed: (_attempt, failure) => die(failure),
      connectionEnded: (_attempt, _outcome, failure) => die(failure),
    };
    this.#driver = new WireDriver(endpoint, planCanary(timeoutUs), sink, now);
    this.#askedUs = now();
    this.#connection = this.#driver.openConnection(new Attempt(0, 0, this.#askedUs, this.#askedUs));
    this.#timer = setInterval(() => this.#ask(), EVERY_MS);
  }

  /** Of those that were answered since the last call: how long each took, in the order of time. */
  take(): number[] {
    const answersUs = this.#answersUs;
    this.#answersUs = [];
    return answersUs;
  }

  /** How long the one that is not answered yet has waited; undefined: none waits. */
  get waitingUs(): number | undefined {
    return this.#isWaiting ? this.#options.now() - this.#askedUs : undefined;
  }

  /** May be called twice. */
  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    this.#driver.cancelAttempts();
    this.#driver.closeConnections(true);
  }

  /** One that still waits for an answer is left waiting: until it is given up. */
  #ask(): void {
    const { now } = this.#options;
    const askedUs = now();
    if (!this.#connection.askAgain()) return;
    this.#askedUs = askedUs;
    this.#isWaiting = true;
  }

  #noteAnswer(): void {
    this.#isWaiting = false;
    this.#answersUs.push(this.#options.now() - this.#askedUs);
  }
}

function planCanary(timeoutUs: number): ConnectionPlan {
  return {
    queries: 1,
    holdUs: 'end',
    close: 'terminate',
    abandonAfterUs: undefined,
    timeoutUs,
    scramCache: true,
    localAddresses: [],
    serverTimes: { options: undefined, sampleEvery: undefined },
  };
}
