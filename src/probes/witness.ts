import type { Clock } from '../clock.ts';
import type { Endpoint } from '../drivers/driver.ts';
import { tryLogin } from '../drivers/login.ts';
import type { Failure } from '../result/measures.ts';
import { isSlotRefusal } from '../result/slot-refusals.ts';

/** A server that is starting up or shutting down. */
const NOT_NOW = '57P03';

export interface WitnessOptions {
  endpoint: Endpoint;
  timeoutUs: number;
  now: Clock;
  onRefusal: (failure: Failure) => void;
}

/** New connections, one at a time, as another client would open them. */
export class Witness {
  readonly #options: WitnessOptions;
  #isWaiting = false;
  #isOver = false;
  #connected = 0;
  #failed = 0;
  #maxUs = 0;

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Opens one, unless the one before has not ended. */
  async connect(): Promise<void> {
    if (this.#isWaiting || this.#isOver) return;
    this.#isWaiting = true;
    const { endpoint, timeoutUs, now, onRefusal } = this.#options;
    const startUs = now();
    const result = await tryLogin(endpoint, timeoutUs);
    this.#isWaiting = false;
    this.#maxUs = Math.max(this.#maxUs, now() - startUs);
    if (result.ok) this.#connected++;
    else {
      this.#failed++;
      if (!this.#isOver && isRefusal(result.failure)) onRefusal(result.failure);
    }
  }

  /** What has ended since the last call. */
  take(): { connected: number; failed: number; maxUs: number | null } {
    const [connected, failed] = [this.#connected, this.#failed];
    const maxUs = connected + failed === 0 ? null : this.#maxUs;
    this.#connected = 0;
    this.#failed = 0;
    this.#maxUs = 0;
    return { connected, failed, maxUs };
  }

  /** May be called twice. */
  stop(): void {
    this.#isOver = true;
  }
}

/** A server that refuses others now. */
export function isRefusal(failure: Failure): boolean {
  return isSlotRefusal(failure) || (failure.layer === 'server' && failure.code === NOT_NOW);
}
