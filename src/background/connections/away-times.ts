import type { Clock } from '../../clock.ts';
import type { KeptCounts } from '../../result/records/background.ts';

/**
 * How long connections were away: those that were lost and are not yet opened again. The connection that was lost first
 * counts as back first.
 */
export class AwayTimes {
  readonly #now: Clock;
  /** When each that is away was lost, the earliest first. */
  readonly #sinceUs: number[] = [];
  #takenUs = 0;
  #sumUs = 0;
  #longestUs = 0;

  constructor(now: Clock) {
    this.#now = now;
  }

  /** How many are away. */
  get count(): number {
    return this.#sinceUs.length;
  }

  began(): void {
    this.#sinceUs.push(this.#now());
  }

  ended(): void {
    const sinceUs = this.#sinceUs.shift();
    if (sinceUs === undefined) return;
    const nowUs = this.#now();
    this.#sumUs += nowUs - Math.max(sinceUs, this.#takenUs);
    this.#longestUs = Math.max(this.#longestUs, nowUs - sinceUs);
  }

  /** Returns the time away since the last call, and the longest time until now. */
  take(): Pick<KeptCounts, 'awayUs' | 'longestAwayUs'> {
    const nowUs = this.#now();
    const sum = this.#sinceUs.reduce(
      (total, sinceUs) => total + nowUs - Math.max(sinceUs, this.#takenUs),
      this.#sumUs,
    );
    const [firstUs] = this.#sinceUs;
    const longestAwayUs = Math.max(this.#longestUs, firstUs === undefined ? 0 : nowUs - firstUs);
    this.#takenUs = nowUs;
    this.#sumUs = 0;
    this.#longestUs = 0;
    return { awayUs: sum, longestAwayUs };
  }
}
