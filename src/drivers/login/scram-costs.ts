import { MOST_SALTS } from '../../model/measures.ts';

/** What a thread's logins asked of PBKDF2. Times are from the need for keys to having them, all queues included. */
export interface ScramFigures {
  derivations: number;
  /** Different salts that the server sent: of a thread MOST_SALTS at most. */
  salts: number;
  saltsMet: ReadonlySet<string>;
  /** The shortest: what a derivation costs when nothing is in its way; 0 without any. */
  shortestUs: number;
  totalUs: number;
  /** How long logins waited for their keys, derived for them or not; 0: not at all. */
  waits: CountedTimes;
  /** How long those derivations took beside which there was no other one of the process. */
  alone: CountedTimes;
  /** Attempts that were abandoned while they waited for their keys. */
  abandoned: number;
}

/** Microseconds, to three digits, and how often each was met. */
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

/** How many derivations of the process are under way: its threads share the pool that they run on. */
const UNDER_WAY = 0;
/** How many have begun, and how many have ended, modulo 2^32. */
const EVENTS = 1;

/** For all the threads of a process whose derivations are in each other's way. */
export function allocateDerivations(): SharedArrayBuffer {
  return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
}

/** Counts what SCRAM costs the connections of one driver. */
export class ScramCosts {
  #derivations = 0;
  #totalUs = 0;
  #shortestUs = Number.POSITIVE_INFINITY;
  readonly #salts = new Set<string>();
  readonly #waits = new Map<number, number>();
  readonly #alone = new Map<number, number>();
  readonly #derivationsNow: Int32Array;
  #abandoned = 0;

  /** `memory`: of allocateDerivations; without it nobody else derives in this process. */
  constructor(memory = allocateDerivations()) {
    this.#derivationsNow = new Int32Array(memory);
  }

  noteSalt(salt: string): void {
    if (this.#salts.size < MOST_SALTS) this.#salts.add(salt);
  }

  /** Returns what its end is to be told with, which must follow; null where another was under way. */
  noteBegin(): number | null {
    const isFirst = Atomics.add(this.#derivationsNow, UNDER_WAY, 1) === 0;
    const event = Atomics.add(this.#derivationsNow, EVENTS, 1);
    return isFirst ? (event + 1) | 0 : null;
  }

  /** A derivation has ended with keys. */
  noteDerivation(us: number, begin: number | null): void {
    if (this.noteEnd(begin)) count(this.#alone, roundTime(us), 1);
    this.#derivations++;
    this.#totalUs += us;
    this.#shortestUs = Math.min(this.#shortestUs, us);
  }

  /** A derivation has ended; true where there was no other one beside it. */
  noteEnd(begin: number | null): boolean {
    const others = Atomics.sub(this.#derivationsNow, UNDER_WAY, 1) - 1;
    return Atomics.add(this.#derivationsNow, EVENTS, 1) === begin && others === 0;
  }

  noteAbandoned(): void {
    this.#abandoned++;
  }

  /** A login has its keys; `us`: 0 where they were there already. */
  noteWait(us: number): void {
    count(this.#waits, roundTime(us), 1);
  }

  /** NO_SCRAM where no derivation has ended, and nobody was abandoned for want of one. */
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

/** Of several threads or servers: what more than one of them met counts once. */
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

/** To three digits, so that there are some thousand different ones at most. */
function roundTime(us: number): number {
  if (us < 1000) return us;
  const step = 10 ** (Math.floor(Math.log10(us)) - 2);
  return Math.round(us / step) * step;
}
