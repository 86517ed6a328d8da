import { NO_SCRAM, type ScramFigures } from './scram.ts';

const MAX_SALTS = 1000;

/** How often pg ran PBKDF2 in the logins of one driver and for how long, and the salts that were met, up to MAX_SALTS. */
export class PgDerivations {
  readonly #salts = new Set<string>();
  #count = 0;
  #shortestUs = Number.POSITIVE_INFINITY;
  #totalUs = 0;

  /** `r=nonce,s=salt,i=iterations`: pg answers every one of them with a PBKDF2. */
  noteChallenge(challenge: string): void {
    const salt = /,s=([^,]+)/.exec(challenge)?.[1];
    if (salt !== undefined && this.#salts.size < MAX_SALTS) this.#salts.add(salt);
  }

  noteDerivation(us: number): void {
    this.#count++;
    this.#totalUs += us;
    this.#shortestUs = Math.min(this.#shortestUs, us);
  }

  get figures(): ScramFigures {
    if (this.#count === 0) return NO_SCRAM;
    return {
      derivations: this.#count,
      salts: this.#salts.size,
      shortestUs: this.#shortestUs,
      totalUs: this.#totalUs,
    };
  }
}
