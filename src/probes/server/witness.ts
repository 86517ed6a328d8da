import type { Clock } from '../../clock.ts';
import type { Endpoint } from '../../drivers/endpoint.ts';
import { tryLogin } from '../../drivers/try-login.ts';
import type { Failure } from '../../model/measures.ts';
import { isSlotRefusal } from '../../model/slot-refusals.ts';
import type { WatchRecord } from '../../result/records/samples.ts';
import { DEAD_AFTER } from './slowness.ts';

/** SQLSTATE cannot_connect_now: the server is starting up or shutting down. */
const NOT_NOW = '57P03';

export interface WitnessOptions {
  endpoint: Endpoint;
  timeoutUs: number;
  now: Clock;
  onRefusal: (failure: Failure) => void;
  /**
   * Called when `DEAD_AFTER` connects in a row failed before the server sent any message: nothing listens there any
   * longer, or a proxy that is full or has lost its server closes the connection. Called again for each further one in
   * the row.
   */
  onShutOut: (failure: Failure) => void;
  /** Called when a connection was ready, before `onEnd`, and also after `stop`. */
  onReady?: () => void;
  /** Called when a connection was ready or failed, with how long it took. */
  onEnd: (tookUs: number) => void;
}

/** Opens new connections, one at a time, as another client would. */
export class Witness {
  readonly #options: WitnessOptions;
  #sinceUs: number | undefined;
  #isOver = false;
  #connected = 0;
  #failed = 0;
  #maxUs = 0;
  #shutOutInARow = 0;
  #ended = Promise.resolve();

  constructor(options: WitnessOptions) {
    this.#options = options;
  }

  /** Opens a connection, unless the previous one is still being opened. */
  connect(): void {
    if (this.#sinceUs !== undefined || this.#isOver) return;
    this.#ended = this.#open();
  }

  /** Resolves when the connection that is being opened is ready or has failed. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  async #open(): Promise<void> {
    const { endpoint, timeoutUs, now, onEnd } = this.#options;
    const startUs = now();
    this.#sinceUs = startUs;
    const result = await tryLogin(endpoint, timeoutUs);
    this.#sinceUs = undefined;
    const tookUs = now() - startUs;
    this.#maxUs = Math.max(this.#maxUs, tookUs);
    if (result.ok) {
      this.#connected++;
      this.#options.onReady?.();
    } else this.#failed++;
    if (this.#isOver) return;
    onEnd(tookUs);
    this.#judge(result.ok ? undefined : result.failure);
  }

  #judge(failure: Failure | undefined): void {
    const { onRefusal, onShutOut } = this.#options;
    this.#shutOutInARow = failure?.layer === 'network' ? this.#shutOutInARow + 1 : 0;
    if (failure === undefined) return;
    if (isRefusal(failure)) onRefusal(failure);
    else if (this.#shutOutInARow >= DEAD_AFTER) onShutOut(failure);
  }

  /**
   * Returns how long the connection that is being opened has taken so far, in microseconds; undefined if none is being
   * opened.
   */
  get waitingUs(): number | undefined {
    return this.#sinceUs === undefined ? undefined : this.#options.now() - this.#sinceUs;
  }

  /** Returns the connects that ended since the last call, and the wait of the one that is being opened. */
  take(): WatchRecord['witness'] {
    const [connected, failed] = [this.#connected, this.#failed];
    const maxUs = connected + failed === 0 ? null : this.#maxUs;
    this.#connected = 0;
    this.#failed = 0;
    this.#maxUs = 0;
    const { waitingUs } = this;
    return { connected, failed, maxUs, ...(waitingUs === undefined ? {} : { waitingUs }) };
  }

  /** May be called twice. */
  stop(): void {
    this.#isOver = true;
  }
}

/** Returns whether the failure says that the server refuses other clients now. */
export function isRefusal(failure: Failure): boolean {
  return isSlotRefusal(failure) || (failure.layer === 'server' && failure.code === NOT_NOW);
}
