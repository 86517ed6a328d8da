/**
 * Keeps the slowest `limit` of the items that it is given, at an amortised constant cost and in at most twice the
 * space.
 */
export class Slowest<T extends { latencyUs: number }> {
  readonly #limit: number;
  #kept: T[] = [];
  /** Items that are not slower than this are not kept. */
  #floorUs = -1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns whether an item would be kept. Ask before you make the object: most attempts are not slow. */
  accepts(latencyUs: number): boolean {
    return this.#limit > 0 && latencyUs > this.#floorUs;
  }

  add(item: T): void {
    if (!this.accepts(item.latencyUs)) return;
    this.#kept.push(item);
    if (this.#kept.length >= 2 * this.#limit) this.#prune();
  }

  /** Returns the items, the slowest first. */
  list(): T[] {
    this.#prune();
    return this.#kept;
  }

  #prune(): void {
    this.#kept = this.#kept.sort((a, b) => b.latencyUs - a.latencyUs).slice(0, this.#limit);
    const last = this.#kept[this.#limit - 1];
    if (last !== undefined) this.#floorUs = last.latencyUs;
  }
}
