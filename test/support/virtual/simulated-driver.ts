import type { Clock } from '../../../src/clock.ts';
import type { Attempt, AttemptSink, ConnectionPlan, Driver } from '../../../src/drivers/driver.ts';
import { NO_SCRAM } from '../../../src/drivers/login/scram-costs.ts';
import type { Failure } from '../../../src/model/measures.ts';
import { drawHoldUs } from '../../../src/scenario/plan/plan.ts';
import type { VirtualTime } from './virtual-time.ts';

/**
 * What the simulated server does with an attempt; times count from its start. `queryUs`: of each query, where the load
 * asks any; 0 unless it says so.
 */
export type Fate =
  | { ready: number; cutUs?: number; queryUs?: number }
  | { failed: number; failure?: Failure }
  | { silent: true };

export const REFUSAL: Failure = {
  layer: 'server',
  phase: 'ready',
  code: '53300',
  message: 'sorry, too many clients already',
};

const TIMED_OUT: Failure = {
  layer: 'timeout',
  phase: 'spawn',
  code: 'TIMEOUT',
  message: 'no answer in time',
};

export interface Simulation {
  /** `serial`: the driver's attempts so far. */
  server: (attempt: Attempt, serial: number) => Fate;
  connection: Pick<ConnectionPlan, 'holdUs' | 'timeoutUs' | 'tellsUsable'>;
  /** Told of every attempt. */
  note: (attempt: Attempt) => void;
  /** What stamps are read from. */
  now: Clock;
  /** Asked on each connection. */
  queries: number;
}

/** A driver whose server is a function and whose time is virtual. */
export class SimulatedDriver implements Driver {
  readonly scramFigures = NO_SCRAM;
  readonly #sink: AttemptSink;
  readonly #time: VirtualTime;
  readonly #simulation: Simulation;
  readonly #connecting = new Set<Attempt>();
  readonly #ready = new Set<Attempt>();
  #serial = 0;

  constructor(sink: AttemptSink, time: VirtualTime, simulation: Simulation) {
    this.#sink = sink;
    this.#time = time;
    this.#simulation = simulation;
  }

  /** Connections that are ready and have not ended. */
  get openConnections(): number {
    return this.#ready.size;
  }

  open(attempt: Attempt): void {
    const { server, connection, note } = this.#simulation;
    note(attempt);
    this.#connecting.add(attempt);
    const fate = server(attempt, this.#serial++);
    if ('ready' in fate) this.#later(fate.ready, () => this.#becomeReady(attempt, fate));
    else if ('failed' in fate) {
      this.#later(fate.failed, () => this.#fail(attempt, fate.failure ?? REFUSAL));
    } else this.#later(connection.timeoutUs, () => this.#fail(attempt, TIMED_OUT));
  }

  cancelAttempts(isMeant: (attempt: Attempt) => boolean = () => true): void {
    for (const attempt of [...this.#connecting]) {
      if (!isMeant(attempt)) continue;
      this.#connecting.delete(attempt);
      this.#sink.cancelled(attempt, this.#simulation.now());
    }
  }

  closeConnections(): void {
    for (const attempt of [...this.#ready]) this.#end(attempt, 'closed');
  }

  listBackends(): number[][] {
    return [[...this.#ready].map(({ index }) => 1000 + index)];
  }

  /** Cuts every connection that is ready; with a failure: while it is asking a query. */
  cutAll(inQuery?: Failure): void {
    const outcome = inQuery === undefined ? 'cut' : 'queryFailed';
    for (const attempt of [...this.#ready]) this.#end(attempt, outcome, inQuery);
  }

  #later(us: number, act: () => void): void {
    this.#time.at(this.#time.nowUs + us, act);
  }

  #becomeReady(
    attempt: Attempt,
    { cutUs, queryUs = 0 }: { cutUs?: number; queryUs?: number },
  ): void {
    if (!this.#connecting.delete(attempt)) return;
    const { now, queries } = this.#simulation;
    attempt.establishedUs = now();
    attempt.readyUs = now();
    this.#ready.add(attempt);
    this.#sink.ready(attempt);
    if (queries > 0) this.#later(queryUs, () => this.#answer(attempt));
    if (this.#simulation.connection.tellsUsable) {
      this.#later(queries * queryUs, () => this.#becomeUsable(attempt));
    }
    if (cutUs !== undefined) this.#later(cutUs, () => this.#end(attempt, 'cut'));
    const holdUs = drawHoldUs(this.#simulation.connection.holdUs, attempt);
    if (holdUs !== 'end') {
      this.#later(queries * queryUs + holdUs, () => this.#end(attempt, 'closed'));
    }
  }

  /** The first query's result. */
  #answer(attempt: Attempt): void {
    if (!this.#ready.has(attempt)) return;
    attempt.queriedUs = this.#simulation.now();
    this.#sink.firstQuery(attempt);
  }

  /** The last statement's result. */
  #becomeUsable(attempt: Attempt): void {
    if (!this.#ready.has(attempt)) return;
    attempt.usableUs = this.#simulation.now();
    this.#sink.usable(attempt);
  }

  #fail(attempt: Attempt, failure: Failure): void {
    if (!this.#connecting.delete(attempt)) return;
    this.#sink.failed(attempt, failure, this.#simulation.now());
  }

  #end(attempt: Attempt, outcome: 'closed' | 'cut' | 'queryFailed', failure?: Failure): void {
    if (!this.#ready.delete(attempt)) return;
    this.#sink.connectionEnded(attempt, outcome, failure, this.#simulation.now());
  }
}
