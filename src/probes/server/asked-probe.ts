import type { Clock } from '../../clock.ts';

/** One connection over which questions are asked. */
export interface Asked<Figures> {
  /** Rejects where there is no answer. */
  sample(): Promise<Figures>;
  /** May be called twice. */
  stop(): Promise<void>;
}

export interface AskedProbeOptions<Figures> {
  /** Rejects with the reason where it cannot be opened, or nothing is told to this role. */
  open: () => Promise<Asked<Figures>>;
  /** `tookUs`: from asking to the answer. */
  onSample: (figures: Figures, tookUs: number) => void;
  /** It got no answer; its connection is opened again. */
  onLost: (reason: string) => void;
  onBack: () => void;
  now: Clock;
}

/** After a connection was lost: a server that goes down must not be pestered. */
export const AGAIN_US = 1_000_000;

/** A probe that asks over a connection opened before the storm: no second question while the first is not answered. */
export class AskedProbe<Figures> {
  readonly #options: AskedProbeOptions<Figures>;
  #asked: Asked<Figures> | undefined;
  /** The question under way, or the attempt to connect again. */
  #busy: Promise<void> | undefined;
  #isOver = false;
  #againUs = 0;

  private constructor(options: AskedProbeOptions<Figures>, asked: Asked<Figures>) {
    this.#options = options;
    this.#asked = asked;
  }

  /** Rejects with the reason where it cannot work. */
  static async start<Figures>(options: AskedProbeOptions<Figures>): Promise<AskedProbe<Figures>> {
    return new AskedProbe(options, await options.open());
  }

  ask(): void {
    if (this.#busy !== undefined || this.#isOver) return;
    const done = this.#asked === undefined ? this.#reopen() : this.#sample(this.#asked);
    this.#busy = done.finally(() => {
      this.#busy = undefined;
    });
  }

  /** A question that is asked from now on; resolves when it is answered, or is not to be. */
  async look(): Promise<void> {
    await this.#busy;
    this.ask();
    await this.#busy;
  }

  /** May be called twice. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#asked?.stop();
  }

  async #sample(asked: Asked<Figures>): Promise<void> {
    const { now, onSample, onLost } = this.#options;
    const askedUs = now();
    try {
      const figures = await asked.sample();
      if (!this.#isOver) onSample(figures, now() - askedUs);
    } catch (error) {
      if (this.#isOver) return;
      this.#asked = undefined;
      this.#againUs = now() + AGAIN_US;
      onLost(describeError(error));
      await asked.stop();
    }
  }

  async #reopen(): Promise<void> {
    if (this.#options.now() < this.#againUs) return;
    this.#againUs = this.#options.now() + AGAIN_US;
    const asked = await this.#options.open().catch(() => undefined);
    if (asked === undefined) return;
    if (this.#isOver) {
      await asked.stop();
      return;
    }
    this.#asked = asked;
    this.#options.onBack();
  }
}

export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
