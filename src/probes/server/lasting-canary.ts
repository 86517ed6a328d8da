import { describeFailure } from '../../failure-text.ts';
import type { Failure } from '../../model/measures.ts';
import type { CanarySample } from '../../result/records/samples.ts';
import { AGAIN_US } from './asked-probe.ts';
import { Canary, type CanaryOptions } from './canary.ts';

export type CanaryFigures = Omit<CanarySample, 'type' | 'probe' | 'atUs' | 'elapsedUs'>;

export interface LastingCanaryOptions
  extends Pick<CanaryOptions, 'endpoint' | 'timeoutUs' | 'question' | 'now' | 'onReady'> {
  /** Returns whether it is opened again after it was lost. */
  comesBack: () => boolean;
  /** Called at the very first answer. */
  onAlive: () => void;
  /** Called if it could not be connected at all. It is not tried again. */
  onUnborn: (reason: string, failure: Failure | undefined) => void;
  /** Called when its connection was lost. Its last answers may still be taken. */
  onLost: (reason: string) => void;
  /** Called at the first answer after it was lost. `backendPid`: the backend of its new connection. */
  onBack: (backendPid: number | null) => void;
}

/** A canary that is opened again if its connection is ended during the storm. */
export class LastingCanary {
  readonly #options: LastingCanaryOptions;
  #canary: Canary;
  #again: NodeJS.Timeout | undefined;
  #state: 'unborn' | 'alive' | 'lost' = 'unborn';
  #reconnects = 0;

  constructor(options: LastingCanaryOptions) {
    this.#options = options;
    this.#canary = this.#open();
  }

  ask(): void {
    this.#canary.ask();
  }

  get isLost(): boolean {
    return this.#state === 'lost';
  }

  /** Returns the answers since the last call; undefined while it is lost. */
  take(): CanaryFigures | undefined {
    if (this.#state === 'lost') return undefined;
    const { waitingUs } = this.#canary;
    return {
      answersUs: this.#canary.take(),
      ...(waitingUs === undefined ? {} : { waitingUs }),
      ...(this.#reconnects === 0 ? {} : { reconnects: this.#reconnects }),
    };
  }

  /** May be called twice. */
  stop(): void {
    clearTimeout(this.#again);
    this.#canary.stop();
  }

  #open(): Canary {
    const { endpoint, timeoutUs, question, now, onReady = () => {} } = this.#options;
    return new Canary({
      endpoint,
      timeoutUs,
      question,
      now,
      onReady,
      onAnswer: () => this.#noteAnswer(),
      onDeath: (failure) => this.#noteDeath(failure),
    });
  }

  #noteAnswer(): void {
    const before = this.#state;
    this.#state = 'alive';
    if (before === 'unborn') this.#options.onAlive();
    if (before === 'lost') {
      this.#reconnects++;
      this.#options.onBack(this.#canary.backendPid);
    }
  }

  #noteDeath(failure: Failure | undefined): void {
    const before = this.#state;
    const reason = describe(failure);
    if (before === 'unborn') {
      this.#options.onUnborn(reason, failure);
      return;
    }
    if (before === 'alive') this.#options.onLost(reason);
    this.#state = 'lost';
    if (!this.#options.comesBack()) return;
    this.#again = setTimeout(() => {
      this.#canary = this.#open();
    }, AGAIN_US / 1000);
  }
}

function describe(failure: Failure | undefined): string {
  return failure === undefined ? 'its connection ended' : describeFailure(failure);
}
