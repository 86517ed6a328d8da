import { Attempt, type AttemptSink, type ConnectionPlan } from '../../drivers/driver.ts';
import { OWN_CONNECTION } from '../../drivers/own-connection.ts';
import { WireDriver } from '../../drivers/wire/wire.ts';
import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, ActOutcome, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { AT_ONCE } from './at-once.ts';

/** Begins logins and gives them up. It keeps no connections. */
export class Abandons implements Activity {
  readonly pace: Pace;
  readonly #ground: ActivityGround;
  readonly #driver: WireDriver;
  #serial = 0;

  constructor({ ratePerSecond, afterUs }: PlanOf<'abandons'>, ground: ActivityGround) {
    const waiting = Math.ceil((ratePerSecond * afterUs) / 1e6);
    this.pace = { kind: 'rate', ratePerSecond, atOnce: AT_ONCE + waiting };
    this.#ground = ground;
    const plan: ConnectionPlan = {
      ...OWN_CONNECTION,
      holdUs: 0,
      abandonAfterUs: afterUs,
      timeoutUs: Math.max(ground.timeoutUs, afterUs + 1),
    };
    this.#driver = new WireDriver(ground.endpoint, plan, createSink(), ground.now);
  }

  async open() {
    return undefined;
  }

  act(end: ActEnd): void {
    const atUs = this.#ground.now();
    this.#driver.open(new Attempt(0, this.#serial++, atUs, atUs, end));
  }

  close(): void {
    this.#driver.cancelAttempts();
    this.#driver.closeConnections(true);
  }
}

function createSink(): AttemptSink {
  const end = ({ owner }: Attempt, outcome: ActOutcome): void => (owner as ActEnd)(outcome);
  return {
    ready: (attempt) => end(attempt, { end: 'inTime' }),
    failed: (attempt, failure) => end(attempt, { end: 'failed', failure }),
    cancelled: (attempt) => end(attempt, { end: 'cancelled' }),
    // How long it was waited was planned.
    abandoned: (attempt) => end(attempt, { end: 'done', isTimed: false }),
    firstQuery: () => {},
    usable: () => {},
    backendAge: () => {},
    connectionEnded: () => {},
    turned: () => {},
  };
}
