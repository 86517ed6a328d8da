import type { ExchangeOptions, Until } from '../../drivers/exchange.ts';
import { encodeSslRequest } from '../../drivers/protocol/requests.ts';
import { NO_SERVER_TIMES } from '../../drivers/protocol/server-times.ts';
import { createStartup, encodeStartup } from '../../drivers/protocol/startup.ts';
import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { Exchanges } from '../connections/exchanges.ts';
import { AT_ONCE } from './at-once.ts';

/** Connects and leaves, as load balancers do. It keeps no connections. */
export class HealthChecks implements Activity {
  readonly pace: Pace;
  readonly #check: ExchangeOptions;
  readonly #isTimed: boolean;
  readonly #exchanges = new Exchanges();

  constructor(plan: PlanOf<'health-checks'>, { endpoint, timeoutUs }: ActivityGround) {
    const { ratePerSecond, kind, stayUs } = plan;
    const staying = kind === 'silent' ? Math.ceil((ratePerSecond * stayUs) / 1e6) : 0;
    this.pace = { kind: 'rate', ratePerSecond, atOnce: AT_ONCE + staying };
    // How long a silent check takes was planned.
    this.#isTimed = kind !== 'silent';
    const until: Record<typeof kind, Until> = {
      tcp: { kind: 'connected' },
      ssl: { kind: 'answer' },
      startup: { kind: 'answer' },
      silent: { kind: 'stay', us: stayUs },
    };
    const messages: Record<typeof kind, Buffer | undefined> = {
      tcp: undefined,
      ssl: encodeSslRequest(),
      startup: encodeStartup(createStartup(endpoint, { serverTimes: NO_SERVER_TIMES })),
      silent: undefined,
    };
    const limitUs = kind === 'silent' ? stayUs + timeoutUs : timeoutUs;
    this.#check = { endpoint, message: messages[kind], until: until[kind], timeoutUs: limitUs };
  }

  /** Makes one check, so that a target that refuses all of them is known before the load. */
  async open() {
    const once: ExchangeOptions =
      this.#check.until.kind === 'stay'
        ? { ...this.#check, until: { kind: 'connected' } }
        : this.#check;
    await new Promise<void>((resolve, reject) => {
      this.#exchanges.begin(once, (outcome) => {
        if (outcome.end === 'failed')
          reject(new Error(`a health check failed: ${outcome.failure.message}`));
        else resolve();
      });
    });
    return undefined;
  }

  act(end: ActEnd): void {
    this.#exchanges.begin(this.#check, end, { isTimed: this.#isTimed });
  }

  close(): void {
    this.#exchanges.close();
  }
}
