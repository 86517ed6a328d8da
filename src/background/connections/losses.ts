import type { Clock } from '../../clock.ts';
import type { KeptCounts } from '../../result/records/background.ts';

/**
 * Connections that were lost, those that were opened again in their place, and how long they were away meanwhile. The
 * connection that was lost first counts as back first.
 */
export class Losses {
  readonly #now: Clock;
  /** When each that is away was lost, the earliest first. */
  readonly #sinceUs: number[] = [];
  #takenUs = 0;
  #lost = 0;
  #back = 0;
  #sumUs = 0;
  #longestUs = 0;

  constructor(now: Clock) {
    this.#now = now;
  }

  lost(): void {
    this.#lost++;
    this.#sinceUs.push(this.#now());
  }

  /** Counts one that is back. Does nothing if none is away. */
  cameBack(): void {
    const sinceUs = this.#sinceUs.shift();
    if (sinceUs === undefined) return;
    this.#back++;
    const nowUs = this.#now();
    this.#sumUs += nowUs - Math.max(sinceUs, this.#takenUs);
    this.#longestUs = Math.max(this.#longestUs, nowUs - sinceUs);
  }

  /** Returns the counts and the time away since the last call, and the longest time until now. */
  take(): Omit<KeptCounts, 'wanted' | 'open'> {
    const nowUs = this.#now();
    const awayUs = this.#sinceUs.reduce(
      (total, sinceUs) => total + nowUs - Math.max(sinceUs, this.#takenUs),
      this.#sumUs,
    );
    const [firstUs] = this.#sinceUs;
    const longestAwayUs = Math.max(this.#longestUs, firstUs === undefined ? 0 : nowUs - firstUs);
    const taken = { lost: this.#lost, back: this.#back, awayUs, longestAwayUs };
    this.#takenUs = nowUs;
    this.#lost = 0;
    this.#back = 0;
    this.#sumUs = 0;
    this.#longestUs = 0;
    return taken;
  }
}
