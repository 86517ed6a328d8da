/** Keeps the slowest `limit` of what is offered, at an amortised constant cost and at most twice the space. */
export class Slowest<T extends { latencyUs: number }> {
  readonly #limit: number;
  #kept: T[] = [];
  /** What is faster than this is not among the slowest. */
  #floorUs = -1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Ask before making the object: most attempts are not slow. */
  accepts(latencyUs: number): boolean {
    return this.#limit > 0 && latencyUs > this.#floorUs;
  }

  add(item: T): void {
    if (!this.accepts(item.latencyUs)) return;
    this.#kept.push(item);
    if (this.#kept.length >= 2 * this.#limit) this.#prune();
  }

  /** Slowest first. */
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
