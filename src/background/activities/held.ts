import { SELECT_ONE } from '../../drivers/protocol/statements.ts';
import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { KeptConnections } from '../connections/kept-connections.ts';
import { OpeningLimit } from '../connections/opening-limit.ts';

/** Keeps connections open. With `touch` it asks each of them now and then. */
export class Held implements Activity {
  readonly kept: KeptConnections;
  readonly #touchUs: number | undefined;
  #opened = 0;

  constructor({ connections, touchUs }: PlanOf<'held'>, ground: ActivityGround) {
    const { mostOpeningUs, readFreeBytes, ...shared } = ground;
    this.#touchUs = touchUs;
    this.kept = new KeptConnections({
      ...shared,
      statements: SELECT_ONE,
      wanted: connections,
      limit: new OpeningLimit(mostOpeningUs, readFreeBytes),
    });
  }

  /** Known once the connections are open: each is touched at its turn. */
  get pace(): Pace {
    if (this.#touchUs === undefined || this.#opened === 0) return { kind: 'none' };
    const ratePerSecond = (this.#opened * 1e6) / this.#touchUs;
    return { kind: 'rate', ratePerSecond, atOnce: this.#opened };
  }

  async open() {
    const opening = await this.kept.open();
    this.#opened = opening.opened;
    return opening;
  }

  begin(): void {
    this.kept.begin();
  }

  act(end: ActEnd): void {
    this.kept.ask(end);
  }

  close(atOnce: boolean): void {
    this.kept.close(atOnce);
  }

  countLeaving(): number {
    return this.kept.openCount;
  }
}
