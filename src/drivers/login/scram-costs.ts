import { MOST_SALTS } from '../../model/measures.ts';

/**
 * The costs of PBKDF2 for one thread's logins. Times run from the need for keys until they are there, queues included.
 */
export interface ScramFigures {
  derivations: number;
  /** Number of different salts that the server sent; at most MOST_SALTS for one thread. */
  salts: number;
  saltsMet: ReadonlySet<string>;
  /** The shortest derivation, in microseconds: its cost when nothing delays it. 0 if there was none. */
  shortestUs: number;
  totalUs: number;
  /** The times that logins waited for their keys, whether or not a derivation was run for them. 0: no wait. */
  waits: CountedTimes;
  /** The times of the derivations that ran while no other one of the process did. */
  alone: CountedTimes;
  /** Number of attempts that were abandoned while they waited for their keys. */
  abandoned: number;
}

/** The number of occurrences of each time. Keys are microseconds, rounded to three digits. */
export type CountedTimes = ReadonlyMap<number, number>;

export const NO_SCRAM: ScramFigures = {
  derivations: 0,
  salts: 0,
  saltsMet: new Set(),
  shortestUs: 0,
  totalUs: 0,
  waits: new Map(),
  alone: new Map(),
  abandoned: 0,
};

/** Index of the number of derivations under way in the process, whose threads share one pool for them. */
const UNDER_WAY = 0;
/** Index of the number of derivations that have begun, plus those that have ended, modulo 2^32. */
const EVENTS = 1;

/** Allocates the memory for all threads of a process whose derivations slow each other down. */
export function allocateDerivations(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** A counter of what SCRAM costs the connections of one driver. */
export class ScramCosts {
  #derivations = 0;
  #totalUs = 0;
  #shortestUs = Number.POSITIVE_INFINITY;
  readonly #salts = new Set<string>();
  readonly #waits = new Map<number, number>();
  readonly #alone = new Map<number, number>();
  readonly #derivationsNow: Int32Array;
  #abandoned = 0;

  /** `memory`: from allocateDerivations. Without it, this must be the only driver that derives in the process. */
  constructor(memory = allocateDerivations()) {
    this.#derivationsNow = new Int32Array(memory);
  }

  noteSalt(salt: string): void {
    if (this.#salts.size < MOST_SALTS) this.#salts.add(salt);
  }

  /** Notes that a derivation begins. Returns the value to note its end with; null if another one was under way. */
  noteBegin(): number | null {
    const isFirst = Atomics.add(this.#derivationsNow, UNDER_WAY, 1) === 0;
    const event = Atomics.add(this.#derivationsNow, EVENTS, 1);
    return isFirst ? (event + 1) | 0 : null;
  }

  /** Notes that a derivation has ended with keys, after `us` microseconds. */
  noteDerivation(us: number, begin: number | null): void {
    if (this.noteEnd(begin)) count(this.#alone, roundTime(us), 1);
    this.#derivations++;
    this.#totalUs += us;
    this.#shortestUs = Math.min(this.#shortestUs, us);
  }

  /** Notes that a derivation has ended. Returns whether no other one ran beside it. */
  noteEnd(begin: number | null): boolean {
    const others = Atomics.sub(this.#derivationsNow, UNDER_WAY, 1) - 1;
    return Atomics.add(this.#derivationsNow, EVENTS, 1) === begin && others === 0;
  }

  noteAbandoned(): void {
    this.#abandoned++;
  }

  /** Notes that a login has its keys after `us` microseconds; 0: they were there already. */
  noteWait(us: number): void {
    count(this.#waits, roundTime(us), 1);
  }

  /**
   * Returns the figures so far; NO_SCRAM if no derivation ended and no attempt was abandoned while it waited for keys.
   */
  get figures(): ScramFigures {
    if (this.#derivations + this.#abandoned === 0) return NO_SCRAM;
    return {
      derivations: this.#derivations,
      salts: this.#salts.size,
      saltsMet: this.#salts,
      shortestUs: this.#derivations === 0 ? 0 : this.#shortestUs,
      totalUs: this.#totalUs,
      waits: this.#waits,
      alone: this.#alone,
      abandoned: this.#abandoned,
    };
  }
}

/** Adds the figures of several threads or servers. A salt that more than one of them met counts once. */
export function addScramFigures(all: readonly ScramFigures[]): ScramFigures {
  const met = all.filter(({ derivations, abandoned }) => derivations + abandoned > 0);
  if (met.length === 0) return NO_SCRAM;
  const saltsMet = new Set(met.flatMap((each) => [...each.saltsMet]));
  const shortest = met.flatMap((each) => (each.derivations > 0 ? each.shortestUs : []));
  return {
    derivations: met.reduce((sum, { derivations }) => sum + derivations, 0),
    salts: saltsMet.size,
    saltsMet,
    shortestUs: shortest.length === 0 ? 0 : Math.min(...shortest),
    totalUs: met.reduce((sum, { totalUs }) => sum + totalUs, 0),
    waits: addTimes(met.map(({ waits }) => waits)),
    alone: addTimes(met.map(({ alone }) => alone)),
    abandoned: met.reduce((sum, { abandoned }) => sum + abandoned, 0),
  };
}

function addTimes(all: readonly CountedTimes[]): CountedTimes {
  const sum = new Map<number, number>();
  for (const [us, times] of all.flatMap((counted) => [...counted])) count(sum, us, times);
  return sum;
}

function count(waits: Map<number, number>, us: number, times: number): void {
  waits.set(us, (waits.get(us) ?? 0) + times);
}

/** Rounds to three digits, so that there are at most a few thousand different values. */
function roundTime(us: number): number {
  if (us < 1000) return us;
  const step = 10 ** (Math.floor(Math.log10(us)) - 2);
  return Math.round(us / step) * step;
}
