import { FAILURE_PHASES, type Failure, LAYERS } from '../../model/measures.ts';
import { normaliseMessage } from '../../model/normalise.ts';

/**
 * The kinds of failures that a worker has met, in memory that it shares with the coordinator. Events name a failure by
 * its number here (from 1), and a sample of each kind survives the worker. Notices have a table of their own, so that a
 * server's notices cannot take the room of failures.
 */

/** Kinds that are kept apart. Further failures count as `OTHER` of their layer and phase. */
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

  /** Returns the number of the failure's kind. The first failure of a kind is stored as its sample. */
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
    // A control character takes six bytes in JSON, so 200 characters of any kind fit.
    entry.set(Buffer.from(`${JSON.stringify(failure)}\n`));
    // Counted only once it is whole. An event that names it is written later still.
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

  /** Returns the sample of a kind by its number; throws a RangeError if there is none. */
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
