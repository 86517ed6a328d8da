/** Items with a due moment each: the earliest comes first, equal moments come in the order of adding. A binary heap. */
export class Agenda<T> {
  readonly #heap: { atUs: number; order: number; item: T }[] = [];
  #added = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Returns the earliest moment; Infinity when empty. */
  get nextUs(): number {
    return this.#heap[0]?.atUs ?? Number.POSITIVE_INFINITY;
  }

  add(atUs: number, item: T): void {
    const entry = { atUs, order: this.#added++, item };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  /** Removes and returns the earliest item; undefined when empty. */
  take(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length > 0) this.#sink(last);
    return first.item;
  }

  /** Removes and returns all entries, the earliest first. */
  takeEntries(): { atUs: number; item: T }[] {
    return this.#heap.splice(0).sort((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  #sink(entry: { atUs: number; order: number; item: T }): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (left === undefined) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (!isBefore(child, entry)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = entry;
  }
}

function isBefore(a: { atUs: number; order: number }, b: { atUs: number; order: number }): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
