import { formatSpan } from '../../duration-text.ts';
import { formatBytes } from '../../number-text.ts';
import type { MemoryLook } from '../../result/records/background.ts';

/** Whether the memory suffices is judged after so many connections, and after each further so many. */
const JUDGE_EVERY = 100;
/** The memory is looked at more often among the first ones, so that a hundred can be divided, too. */
const LOOK_EVERY = 25;
const OFTEN_UNTIL = 400;
const SHARE_OF_MEMORY = 1 / 4;

/** Decides whether one more connection may be opened before the load. */
export class OpeningLimit {
  readonly #mostUs: number;
  /** Bytes of memory that the host can give to new processes; undefined: the host is not seen. */
  readonly #readFreeBytes: () => number | undefined;
  /** What was seen of the memory so far, the first before any connection. Empty: the host is not seen. */
  readonly #looks: MemoryLook[] = [];
  #lookAt = LOOK_EVERY;
  #judgeAt = JUDGE_EVERY;

  /** `mostUs`: the longest time that opening may take. */
  constructor(mostUs: number, readFreeBytes: () => number | undefined) {
    this.#mostUs = mostUs;
    this.#readFreeBytes = readFreeBytes;
    this.#look(0);
  }

  /** Returns why no further connection is opened, given those that were begun and the time since; undefined: it may. */
  objectTo(begun: number, elapsedUs: number): string | undefined {
    if (elapsedUs >= this.#mostUs) {
      return `opening had taken ${formatSpan(this.#mostUs)}, a third of the time of the leg`;
    }
    if (begun < this.#lookAt) return undefined;
    this.#lookAt += this.#lookAt < OFTEN_UNTIL ? LOOK_EVERY : JUDGE_EVERY;
    return this.#objectToMemory(begun);
  }

  /**
   * Returns what was seen of the host's free memory, the last look now, with `opened` connections. Empty: the host is not
   * seen, or there is none.
   */
  finish(opened: number): MemoryLook[] {
    // Logins that were under way at a look may have failed.
    const looks = this.#looks.filter((look) => look.opened < opened);
    this.#look(opened);
    const last = this.#looks.at(-1);
    return last === undefined || opened === 0 ? [] : [...looks, last];
  }

  #look(opened: number): number | undefined {
    const freeBytes = this.#readFreeBytes();
    if (freeBytes !== undefined) this.#looks.push({ opened, freeBytes });
    return freeBytes;
  }

  /** What the first hundreds took tells what the next hundred will take. */
  #objectToMemory(begun: number): string | undefined {
    const before = this.#looks[0]?.freeBytes;
    const now = this.#look(begun);
    if (before === undefined || now === undefined || begun < this.#judgeAt) return undefined;
    this.#judgeAt += JUDGE_EVERY;
    const each = (before - now) / begun;
    const mostBytes = before * SHARE_OF_MEMORY;
    if (each * (begun + JUDGE_EVERY) <= mostBytes) return undefined;
    return `${begun + JUDGE_EVERY} of them would take more than a quarter of the ${formatBytes(before)} of free memory (${formatBytes(each)} each)`;
  }
}
