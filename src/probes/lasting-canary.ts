import type { Failure } from '../result/measures.ts';
import type { CanarySample } from '../result/samples.ts';
import { Canary, type CanaryOptions } from './canary.ts';

/** After a death: a server that goes down must not be pestered. */
const AGAIN_MS = 1000;

export type CanaryFigures = Omit<CanarySample, 'type' | 'probe' | 'atUs' | 'elapsedUs'>;

export interface LastingCanaryOptions
  extends Pick<CanaryOptions, 'endpoint' | 'timeoutUs' | 'now'> {
  /** The first answer of all. */
  onAlive: () => void;
  /** It could not even be connected: it is not tried again. */
  onUnborn: (reason: string) => void;
  /** Its connection was lost; it is opened again. */
  onLost: (reason: string) => void;
  onBack: () => void;
}

/** A canary that comes back: somebody may kill its connection, and the storm goes on. */
export class LastingCanary {
  readonly #options: LastingCanaryOptions;
  #canary: Canary;
  #again: NodeJS.Timeout | undefined;
  #isBorn = false;
  #isLost = false;
  #reconnects = 0;

  constructor(options: LastingCanaryOptions) {
    this.#options = options;
    this.#canary = this.#open();
  }

  take(): CanaryFigures {
    const { waitingUs } = this.#canary;
    return {
      answersUs: this.#canary.take(),
      ...(waitingUs === undefined || this.#isLost ? {} : { waitingUs }),
      ...(this.#reconnects === 0 ? {} : { reconnects: this.#reconnects }),
    };
  }

  /** May be called twice. */
  stop(): void {
    clearTimeout(this.#again);
    this.#canary.stop();
  }

  #open(): Canary {
    const { endpoint, timeoutUs, now } = this.#options;
    return new Canary({
      endpoint,
      timeoutUs,
      now,
      onAlive: () => this.#noteAnswer(),
      onDeath: (failure) => this.#noteDeath(describe(failure)),
    });
  }

  #noteAnswer(): void {
    if (!this.#isBorn) this.#options.onAlive();
    else if (this.#isLost) {
      this.#reconnects++;
      this.#options.onBack();
    }
    this.#isBorn = true;
    this.#isLost = false;
  }

  #noteDeath(reason: string): void {
    if (!this.#isBorn) {
      this.#options.onUnborn(reason);
      return;
    }
    if (!this.#isLost) this.#options.onLost(reason);
    this.#isLost = true;
    this.#again = setTimeout(() => {
      this.#canary = this.#open();
    }, AGAIN_MS);
  }
}

function describe(failure: Failure | undefined): string {
  return failure === undefined ? 'its connection ended' : `${failure.code} ${failure.message}`;
}
