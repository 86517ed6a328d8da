import { encodeCancelRequest } from '../../drivers/protocol/requests.ts';
import { SELECT_ONE } from '../../drivers/protocol/statements.ts';
import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { Exchanges } from '../connections/exchanges.ts';
import { KeptConnections } from '../connections/kept-connections.ts';
import { AT_ONCE } from './at-once.ts';

/** Sends CancelRequests for an idle backend of its own. Each is a connection, which the server closes. */
export class Cancels implements Activity {
  readonly pace: Pace;
  readonly kept: KeptConnections;
  readonly #ground: ActivityGround;
  readonly #exchanges = new Exchanges();

  constructor({ ratePerSecond }: PlanOf<'cancels'>, ground: ActivityGround) {
    this.pace = { kind: 'rate', ratePerSecond, atOnce: AT_ONCE };
    this.#ground = ground;
    this.kept = new KeptConnections({
      ...ground,
      statements: SELECT_ONE,
      wanted: 1,
      keepsKeys: true,
    });
  }

  async open() {
    const opening = await this.kept.open();
    if (this.kept.takeBackendKey() === undefined) {
      throw new Error('the target sends no key for cancel requests (BackendKeyData)');
    }
    return opening;
  }

  begin(): void {
    this.kept.begin();
  }

  act(end: ActEnd): void {
    const key = this.kept.takeBackendKey();
    if (key === undefined) {
      end({ end: 'skipped' });
      return;
    }
    const { endpoint, timeoutUs } = this.#ground;
    const message = encodeCancelRequest(key);
    this.#exchanges.begin({ endpoint, message, until: { kind: 'closed' }, timeoutUs }, end);
  }

  close(): void {
    this.#exchanges.close();
    this.kept.close();
  }
}
