import type { Timers } from '../../src/load/timers.ts';

/** Time that passes only where nothing else is left to do: an hour takes as long as what happens in it. */
export class VirtualTime {
  nowUs = 0;
  readonly #heap: { atUs: number; order: number; act: () => void }[] = [];
  #order = 0;

  readonly now = (): number => this.nowUs;

  /** Has `act` called at a moment. */
  at(atUs: number, act: () => void): void {
    const entry = { atUs: Math.max(atUs, this.nowUs), order: this.#order++, act };
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, entry)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  /** Runs until nothing is left to do, or until `untilUs`. */
  run(untilUs = Number.POSITIVE_INFINITY): void {
    for (let next = this.#heap[0]; next !== undefined; next = this.#heap[0]) {
      if (next.atUs > untilUs) break;
      this.#takeFirst();
      this.nowUs = next.atUs;
      next.act();
    }
    if (untilUs !== Number.POSITIVE_INFINITY) this.nowUs = Math.max(this.nowUs, untilUs);
  }

  readonly createTimers = (onWake: () => void): Timers => {
    let timer = 0;
    let soon = 0;
    return {
      wakeIn: (us) => {
        const mine = ++timer;
        this.at(this.nowUs + us, () => mine === timer && onWake());
      },
      wakeSoon: () => {
        const mine = ++soon;
        this.at(this.nowUs, () => mine === soon && onWake());
      },
      clear: () => {
        timer++;
        soon++;
      },
    };
  };

  #takeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = last;
  }
}

function isBefore(a: { atUs: number; order: number }, b: { atUs: number; order: number }): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
