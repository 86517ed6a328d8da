import { vi } from 'vitest';
import {
  Attempt,
  type AttemptSink,
  type ConnectionPlan,
  ONLY_TRY,
} from '../../../src/drivers/driver.ts';
import { Lifecycle } from '../../../src/drivers/lifecycle/lifecycle.ts';
import type { LifecycleOwner } from '../../../src/drivers/lifecycle/lifecycle-owner.ts';
import { LiveConnections } from '../../../src/drivers/lifecycle/live-connections.ts';
import type { Stage } from '../../../src/drivers/lifecycle/stage.ts';
import type { SessionAttrs } from '../../../src/drivers/login/session-attrs.ts';
import type { Failure } from '../../../src/model/measures.ts';
import { PLAIN_PLAN } from './open-attempt.ts';

/** For an attempt, a query, and the server's FIN. */
export const TIMEOUT_MS = 5_000;
export const SAMPLED = { options: undefined, sampleEvery: 1 };

/** Timers, and the clock that stamps are taken by, in virtual time from 0 on; but not the turns of the event loop. */
export const fakeTime = (): void => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: 0 });
};

/** Timers fire, then sockets are read: what is judged after the next reading has been judged. */
export const pass = async (ms: number): Promise<void> => {
  vi.advanceTimersByTime(ms);
  await new Promise((resolve) => setImmediate(resolve));
};

/** Writes down what its lifecycle has it do, and what the sink is told, in their order. */
export class LifecycleProbe implements LifecycleOwner {
  log: string[] = [];
  /** Numbers of the statements that were asked. */
  readonly asked: number[] = [];
  readonly failures: Failure[] = [];
  hasHeard = true;
  derivingUs: number | undefined = undefined;
  readonly live = new LiveConnections();
  readonly life: Lifecycle;
  readonly #plan: ConnectionPlan;

  constructor(plan: Partial<ConnectionPlan>, wanted: SessionAttrs = 'any') {
    this.#plan = { ...PLAIN_PLAN, timeoutUs: TIMEOUT_MS * 1_000, holdUs: 'end', ...plan };
    const now = (): number => Date.now() * 1_000;
    const scram = { noteAbandoned: () => this.#note('noteAbandoned') };
    const shared = { plan: this.#plan, sink: this.#createSink(), now, live: this.live, scram };
    const attempt = new Attempt(0, 0, 0, 0, undefined, 0, { ...ONLY_TRY, wanted });
    this.life = new Lifecycle(shared, this, attempt);
    this.life.start();
  }

  askQuery(number: number): void {
    this.#note('ask query');
    this.asked.push(number);
  }

  askRole(statement: string): void {
    this.#note(`ask ${statement}`);
  }

  askAge(): void {
    this.#note('ask age');
  }

  leave(): boolean {
    this.#note('leave');
    return this.#plan.close === 'server-first';
  }

  drop(): void {
    this.#note('drop');
  }

  /** What was written down since the last call. */
  take(): string[] {
    const { log } = this;
    this.log = [];
    return log;
  }

  #note(what: string, failure?: Failure): void {
    const why = failure === undefined ? '' : ` ${failure.layer} ${failure.phase} ${failure.code}`;
    this.log.push(`${what}${why}`);
    if (failure !== undefined) this.failures.push(failure);
  }

  #createSink(): AttemptSink {
    return {
      ready: () => this.#note('ready'),
      firstQuery: () => this.#note('first query'),
      usable: ({ usableUs }) => this.#note(`usable ${usableUs}`),
      backendAge: ({ backendAgeUs }) => this.#note(`age ${backendAgeUs}`),
      cancelled: () => this.#note('cancelled'),
      abandoned: () => this.#note('abandoned'),
      failed: (_attempt, failure) => this.#note('failed', failure),
      connectionEnded: (_attempt, outcome, failure) => this.#note(outcome, failure),
      noticed: (_attempt, { phase, code }) => this.#note(`notice ${phase} ${code}`),
      turned: () => {},
    };
  }
}

export const connect = ({ life }: LifecycleProbe, stage: 'ssl-reply' | 'login'): void => {
  life.connected();
  life.enter(stage);
};

export const logIn = (probe: LifecycleProbe): void => {
  connect(probe, 'login');
  probe.life.accepted();
  probe.life.ready();
};

/** How each stage is come to. */
const STAGES: Record<
  Stage,
  [plan: Partial<ConnectionPlan>, reach: (probe: LifecycleProbe) => void]
> = {
  connecting: [{}, () => {}],
  'ssl-reply': [{}, (probe) => connect(probe, 'ssl-reply')],
  handshake: [
    {},
    (probe) => {
      connect(probe, 'ssl-reply');
      probe.life.spawned('sslrequest');
      probe.life.enter('handshake');
    },
  ],
  login: [{}, (probe) => connect(probe, 'login')],
  checking: [{}, logIn],
  querying: [{ queries: 2 }, logIn],
  sampling: [{ serverTimes: SAMPLED }, logIn],
  holding: [{}, logIn],
  closing: [
    { close: 'server-first' },
    (probe) => {
      logIn(probe);
      probe.life.close();
    },
  ],
  over: [{}, ({ life }) => life.cancel()],
};

/** At a stage, with nothing written down yet. */
export const reachStage = (stage: Stage, over: Partial<ConnectionPlan> = {}): LifecycleProbe => {
  const [plan, steps] = STAGES[stage];
  const probe = new LifecycleProbe({ ...plan, ...over }, stage === 'checking' ? 'primary' : 'any');
  steps(probe);
  if (probe.life.stage !== stage) throw new Error(`this way leads to ${probe.life.stage}`);
  probe.take();
  return probe;
};

/** An ErrorResponse, in the phase that a probe is in. */
export const serverSays = (
  severity: 'ERROR' | 'FATAL',
  code: string,
  { life }: LifecycleProbe,
): Failure => ({
  layer: 'server',
  phase: life.phase,
  code,
  message: 'no',
  severity,
});
