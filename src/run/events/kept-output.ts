/** Bytes that are kept of the beginning of an output, and of its end. */
const KEPT_BYTES = 4096;

/** Keeps the first and the last part of an output of any length. */
export class KeptOutput {
  #first = Buffer.alloc(0);
  #last = Buffer.alloc(0);
  #totalBytes = 0;

  add(chunk: Buffer): void {
    this.#totalBytes += chunk.length;
    const room = KEPT_BYTES - this.#first.length;
    if (room > 0) this.#first = Buffer.concat([this.#first, chunk.subarray(0, room)]);
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    const tail = rest.length > KEPT_BYTES ? rest.subarray(-KEPT_BYTES) : rest;
    // Copied, so that no large chunk is kept alive.
    this.#last = Buffer.from(Buffer.concat([this.#last, tail]).subarray(-KEPT_BYTES));
  }

  /** Bytes between the two parts that were not kept. */
  get droppedBytes(): number {
    return this.#totalBytes - this.#first.length - this.#last.length;
  }

  /** Returns what was kept. What is no UTF-8, such as a character that was cut, becomes U+FFFD. */
  get text(): string {
    if (this.droppedBytes === 0) return Buffer.concat([this.#first, this.#last]).toString();
    return `${this.#first.toString()}\n... (${this.droppedBytes} bytes)\n${this.#last.toString()}`;
  }
}
