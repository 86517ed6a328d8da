import type { Clock } from '../../clock.ts';
import type { Endpoint } from '../../drivers/endpoint.ts';
import { describePgError } from '../../drivers/pg/pg-failure.ts';
import { createSideClient, findBreak, type SideClient } from '../../drivers/side-client.ts';
import type { Failure } from '../../model/measures.ts';
import type { KeptCounts } from '../../result/records/background.ts';
import type { Kept, NoteFailure } from '../activity.ts';
import { Losses } from './losses.ts';

/** Pause between two tries to connect again. */
const AGAIN_US = 1_000_000;

export interface ControlOptions {
  endpoint: Endpoint;
  isEncrypted: boolean;
  timeoutUs: number;
  now: Clock;
  note: NoteFailure;
  /** Statements that every connection runs first. */
  setup?: readonly string[];
}

export type Answer =
  | { ok: true; rows: Record<string, unknown>[] }
  /** undefined: the connection is away, and nothing was asked. */
  | { ok: false; failure: Failure | undefined };

/** One connection for questions that have answers. If it is lost, the next question after a pause opens it again. */
export class ControlSession implements Kept {
  readonly #options: ControlOptions;
  readonly #losses: Losses;
  #side: SideClient | undefined;
  #lastAnswer: Promise<unknown> = Promise.resolve();
  #isOpening = false;
  #againUs = 0;
  #isClosed = false;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#losses = new Losses(options.now);
  }

  /** Rejects with an Error of one line. */
  async open(): Promise<void> {
    const { endpoint, isEncrypted, timeoutUs, setup = [] } = this.#options;
    const side = createSideClient(endpoint, isEncrypted, timeoutUs);
    try {
      await side.client.connect();
      for (const text of setup) await side.query(text);
    } catch (error) {
      await side.end();
      throw error;
    }
    if (this.#isClosed) await side.end();
    else this.#side = side;
  }

  /** Asks one question, once those before it have their answers. Never rejects. */
  ask(text: string): Promise<Answer> {
    // The connection takes one question at a time.
    const answer = this.#lastAnswer.then(() => this.#askNow(text));
    this.#lastAnswer = answer;
    return answer;
  }

  async #askNow(text: string): Promise<Answer> {
    const side = this.#side;
    if (side === undefined) {
      void this.#reopen();
      return { ok: false, failure: undefined };
    }
    try {
      return { ok: true, rows: await side.query(text) };
    } catch (error) {
      if (findBreak(side.client) !== undefined) this.#lose(side);
      return { ok: false, failure: describePgError(error as Error, 'query') };
    }
  }

  take(): KeptCounts {
    const open = this.#side === undefined ? 0 : 1;
    return { wanted: 1, open, ...this.#losses.take() };
  }

  close(): void {
    this.#isClosed = true;
    void this.#side?.end();
    this.#side = undefined;
  }

  #lose(side: SideClient): void {
    if (this.#side !== side) return;
    this.#side = undefined;
    void side.end();
    this.#losses.lost();
    this.#againUs = this.#options.now();
  }

  async #reopen(): Promise<void> {
    const { now, note } = this.#options;
    if (this.#isOpening || this.#isClosed || now() < this.#againUs) return;
    this.#isOpening = true;
    this.#againUs = now() + AGAIN_US;
    try {
      await this.open();
      this.#losses.cameBack();
    } catch (error) {
      if (!this.#isClosed) note('attempt', describePgError(error as Error, 'ready'));
    } finally {
      this.#isOpening = false;
    }
  }
}
