import { FAILURE_PHASES, type Failure, LAYERS } from '../../model/measures.ts';
import { normaliseMessage } from '../../model/normalise.ts';

/**
 * The kinds of failures a worker has met, in memory it shares with the coordinator: events name a failure by its
 * number here (from 1), and a sample of each kind survives the worker. Notices have a table of their own, so that no server
 * takes the room of failures by what it says beside them.
 */

/** Kinds kept apart; beyond them a failure counts as `OTHER` of its layer and phase. */
const MAX_KINDS = 250;
const MAX_ENTRIES = MAX_KINDS + LAYERS.length * FAILURE_PHASES.length;
const ENTRY_BYTES = 2048;
const COUNT = 0;
const COUNT_BYTES = 4;

export function allocateFailureTable(): SharedArrayBuffer {
  return new SharedArrayBuffer(COUNT_BYTES + MAX_ENTRIES * ENTRY_BYTES);
}

/** The worker's end. */
export class FailureWriter {
  readonly #memory: SharedArrayBuffer;
  readonly #count: Int32Array;
  readonly #ids = new Map<string, number>();

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.#count = new Int32Array(memory, 0, 1);
  }

  /** The number of the failure's kind; the first of a kind is written down as its sample. */
  idOf(failure: Failure): number {
    const { layer, phase, code, message } = failure;
    const key = `${layer} ${phase} ${code} ${normaliseMessage(message)}`;
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#ids.size < MAX_KINDS) return this.#add(key, failure);
    const other = { ...failure, code: 'OTHER', message: 'further kinds of failures' };
    const otherKey = `${layer} ${phase} OTHER`;
    return this.#ids.get(otherKey) ?? this.#add(otherKey, other);
  }

  #add(key: string, failure: Failure): number {
    const id = this.#ids.size + 1;
    this.#ids.set(key, id);
    const entry = new Uint8Array(this.#memory, COUNT_BYTES + (id - 1) * ENTRY_BYTES, ENTRY_BYTES);
    // Control characters are six bytes each in JSON: 200 characters fit, whatever they are.
    entry.set(Buffer.from(`${JSON.stringify(failure)}\n`));
    // Counted after it is whole: an event that names it comes later still.
    Atomics.store(this.#count, COUNT, id);
    return id;
  }
}

/** The coordinator's end. */
export class FailureReader {
  readonly #memory: SharedArrayBuffer;
  readonly #known: Failure[] = [];

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
  }

  /** The sample of a kind, by its number. */
  get(id: number): Failure {
    for (let next = this.#known.length + 1; next <= id; next++) this.#known.push(this.#read(next));
    const failure = this.#known[id - 1];
    if (failure === undefined) throw new RangeError(`there is no failure number ${id}`);
    return failure;
  }

  #read(id: number): Failure {
    const entry = Buffer.from(this.#memory, COUNT_BYTES + (id - 1) * ENTRY_BYTES, ENTRY_BYTES);
    return JSON.parse(entry.toString('utf8', 0, entry.indexOf('\n'))) as Failure;
  }
}
