import type { ActEnd, Activity, Pace } from '../../../src/background/activity.ts';
import type { BackgroundListener } from '../../../src/background/background.ts';
import { BackgroundLoop } from '../../../src/background/background-loop.ts';
import type { BackgroundInput } from '../../../src/background/messages.ts';
import type { LegBackground } from '../../../src/run/legs/ports.ts';
import { keepVirtually } from './virtual-ports.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How long each act lasts. */
const ACT_US = 100_000;
/** How many acts may be under way. */
const AT_ONCE = 10;

/** The activities of a leg in virtual time. They are paced, counted and told of as real ones; each act lasts 100 ms. */
export class VirtualBackground implements LegBackground {
  readonly openedUs: number;
  begunUs: number | undefined;
  readonly actedUs: number[] = [];
  readonly #loop: BackgroundLoop;
  readonly #gone: Promise<void>;
  #listener: BackgroundListener | undefined;

  constructor(input: BackgroundInput, time: VirtualTime) {
    this.openedUs = time.nowUs;
    const { promise, resolve } = withResolvers();
    this.#gone = promise;
    this.#loop = new BackgroundLoop(input, {
      readMonotonicUs: time.now,
      timers: keepVirtually(time),
      createActivity: (plan) => {
        const ratePerSecond = 'ratePerSecond' in plan ? (plan.ratePerSecond ?? 1) : 1;
        return new Acts({ kind: 'rate', ratePerSecond, atOnce: AT_ONCE }, time, this.actedUs);
      },
      post: (message) => {
        if (message.type === 'told') this.#listener?.told(message.record);
      },
      end: resolve,
    });
  }

  async open(): Promise<this> {
    await this.#loop.open();
    return this;
  }

  begin(listener: BackgroundListener): void {
    this.begunUs = listener.t0Us;
    this.#listener = listener;
    this.#loop.take({ type: 'begin', t0Us: listener.t0Us });
  }

  stop({ atOnce }: { atOnce: boolean }): Promise<void> {
    this.#loop.take({ type: 'stop', atOnce });
    return this.#gone;
  }

  /** Ends as the thread of a real one does if it crashes. */
  crash(reason: string): void {
    this.#listener?.broke(reason);
  }
}

class Acts implements Activity {
  readonly pace: Pace;
  readonly #time: VirtualTime;
  readonly #actedUs: number[];

  constructor(pace: Pace, time: VirtualTime, actedUs: number[]) {
    this.pace = pace;
    this.#time = time;
    this.#actedUs = actedUs;
  }

  async open() {
    return undefined;
  }

  act(end: ActEnd): void {
    this.#actedUs.push(this.#time.nowUs);
    this.#time.at(this.#time.nowUs + ACT_US, () => end({ end: 'done' }));
  }

  close(): void {}
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
