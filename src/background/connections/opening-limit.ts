import { formatSpan } from '../../duration-text.ts';
import { formatMegabytes } from '../../number-text.ts';

/** The host's memory is read after each such number of connections. */
const LOOK_EVERY = 100;
const SHARE_OF_MEMORY = 1 / 4;

/** Decides whether one more connection may be opened before the load. */
export class OpeningLimit {
  readonly #mostUs: number;
  /** Bytes of memory that the host can give to new processes; undefined: the host is not seen. */
  readonly #readFreeBytes: () => number | undefined;
  readonly #freeBytes: number | undefined;
  #lookAt = LOOK_EVERY;

  /** `mostUs`: the longest time that opening may take. */
  constructor(mostUs: number, readFreeBytes: () => number | undefined) {
    this.#mostUs = mostUs;
    this.#readFreeBytes = readFreeBytes;
    this.#freeBytes = readFreeBytes();
  }

  /** Returns why no further connection is opened, given those that were begun and the time since; undefined: it may. */
  objectTo(begun: number, elapsedUs: number): string | undefined {
    if (elapsedUs >= this.#mostUs) {
      return `opening took ${formatSpan(this.#mostUs)}, which is the most that it may take`;
    }
    if (begun < this.#lookAt) return undefined;
    this.#lookAt += LOOK_EVERY;
    return this.#objectToMemory(begun);
  }

  /** Foresees from the memory that was taken so far how much the next hundred connections will take. */
  #objectToMemory(begun: number): string | undefined {
    const before = this.#freeBytes;
    const now = this.#readFreeBytes();
    if (before === undefined || now === undefined) return undefined;
    const each = (before - now) / begun;
    const mostBytes = before * SHARE_OF_MEMORY;
    if (each * (begun + LOOK_EVERY) <= mostBytes) return undefined;
    return `${begun + LOOK_EVERY} connections would take more than a quarter of the ${formatMegabytes(before)} of free memory (${formatMegabytes(each)} each)`;
  }
}
