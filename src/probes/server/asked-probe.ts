import type { Clock } from '../../clock.ts';

/** A connection on which questions are asked. */
export interface Asked<Figures> {
  /** Rejects if no answer comes. */
  sample(): Promise<Figures>;
  /** May be called twice. */
  stop(): Promise<void>;
}

export interface AskedProbeOptions<Figures> {
  /**
   * Rejects with the reason if the connection cannot be opened, or if the server answers nothing to this database user.
   */
  open: () => Promise<Asked<Figures>>;
  /** Called for each answer. `tookUs`: the time from the question to the answer. */
  onSample: (figures: Figures, tookUs: number) => void;
  /** Called when no answer came; the connection is opened again later. */
  onLost: (reason: string) => void;
  onBack: () => void;
  now: Clock;
}

/** Pause before each try to connect again, so that a server that is going down is not burdened. */
export const AGAIN_US = 1_000_000;

/**
 * A probe that asks questions on a connection that was opened before the storm. It asks nothing while a question is
 * unanswered.
 */
export class AskedProbe<Figures> {
  readonly #options: AskedProbeOptions<Figures>;
  #asked: Asked<Figures> | undefined;
  /** The question under way, or the try to connect again. */
  #busy: Promise<void> | undefined;
  #isOver = false;
  #againUs = 0;

  private constructor(options: AskedProbeOptions<Figures>, asked: Asked<Figures>) {
    this.#options = options;
    this.#asked = asked;
  }

  /** Rejects with the reason if the probe cannot work. */
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

  /**
   * Asks a new question after the one under way. Resolves when the answer has come, or when the question has failed.
   */
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
