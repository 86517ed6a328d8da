/**
 * Evenly spaced moments: the k-th, from 0, is due k / rate seconds after T0. Moments from `untilUs` on are never due,
 * so that the number of acts in a load of known length is exact.
 */
export class EvenPace {
  readonly #ratePerSecond: number;
  readonly #untilUs: number;
  #taken = 0;

  /** `untilUs`: Infinity if the moments have no end. */
  constructor(ratePerSecond: number, untilUs = Number.POSITIVE_INFINITY) {
    this.#ratePerSecond = ratePerSecond;
    this.#untilUs = untilUs;
  }

  /** Moment of the next act, in microseconds since T0; undefined: there is none. */
  get nextUs(): number | undefined {
    const atUs = Math.round((this.#taken * 1e6) / this.#ratePerSecond);
    return atUs < this.#untilUs ? atUs : undefined;
  }

  /** Takes the next moment if it is due at `nowUs`; undefined: none is. */
  take(nowUs: number): number | undefined {
    const atUs = this.nextUs;
    if (atUs === undefined || atUs > nowUs) return undefined;
    this.#taken++;
    return atUs;
  }
}
