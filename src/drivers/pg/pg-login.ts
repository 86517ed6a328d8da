import type { Clock } from '../../clock.ts';
import { ABSENT } from '../driver.ts';
import type { Endpoint } from '../endpoint.ts';
import { type AuthMethod, isAllowed } from '../login/auth-requirement.ts';
import {
  findScramRefusal,
  judgeIterations,
  judgeMechanisms,
  judgeMethod,
  type LoginProblem,
  letInUnasked,
  unprovenServer,
} from '../login/login-problem.ts';
import type { ScramCosts } from '../login/scram-costs.ts';
import type { PgMessage } from './pg-stamps.ts';

/** One login as the server's messages show it: finds what must end the login although pg would go on. */
export class PgLogin {
  readonly #endpoint: Endpoint;
  readonly #costs: ScramCosts;
  readonly #now: Clock;
  #method: AuthMethod | undefined;
  /** The server has sent SCRAM's last message, with its signature. */
  #isProven = false;
  /** Since when pg has been computing the SCRAM proof; ABSENT when it is not. */
  #challengedUs = ABSENT;
  /** The value from ScramCosts for the end of this derivation. */
  #begin: number | null = null;

  constructor(endpoint: Endpoint, costs: ScramCosts, now: Clock) {
    this.#endpoint = endpoint;
    this.#costs = costs;
    this.#now = now;
  }

  /** Judges a message before pg.Client gets it. Returns why the login cannot go on; undefined if it can. */
  judge(message: PgMessage, isEncrypted: boolean): LoginProblem | undefined {
    const { name, data = '' } = message;
    const asked = ASKING[name];
    if (asked !== undefined) {
      this.#method = asked;
      const { mechanisms } = message;
      const unknown = mechanisms === undefined ? undefined : judgeMechanisms(mechanisms);
      return unknown ?? judgeMethod(asked, this.#endpoint, isEncrypted);
    }
    if (name === 'authenticationOk') return this.#judgeOk();
    if (name === 'authenticationSASLContinue') return this.#judgeChallenge(data);
    if (name === 'authenticationSASLFinal') {
      // pg checks the signature at once, and fails if it is wrong.
      this.#isProven = true;
      return findScramRefusal(data);
    }
    return undefined;
  }

  /** Judges a challenge. If there is no problem with it, pg derives from here on. */
  #judgeChallenge(challenge: string): LoginProblem | undefined {
    const iterations = Number(/,i=(\d+)/.exec(challenge)?.[1] ?? 0);
    const problem = findScramRefusal(challenge) ?? judgeIterations(iterations, this.#endpoint);
    if (problem !== undefined) return problem;
    this.#challengedUs = this.#now();
    this.#begin = this.#costs.noteBegin();
    this.#noteSalt(challenge);
    return undefined;
  }

  /**
   * Notes that pg has written its answer to a challenge. The time that it took is not arithmetic alone: pg derives
   * through WebCrypto, in several steps with turns of the event loop between them.
   */
  noteAnswer(): void {
    const us = this.derivingUs;
    if (us === undefined) return;
    this.#costs.noteDerivation(us, this.#begin);
    this.#costs.noteWait(us);
    this.#challengedUs = ABSENT;
  }

  /** Notes that the attempt is over, even if pg goes on computing. Its wait until now counts. */
  noteOver(): void {
    const us = this.derivingUs;
    if (us === undefined) return;
    this.#costs.noteEnd(this.#begin);
    this.#costs.noteWait(us);
    this.#challengedUs = ABSENT;
  }

  /** Returns the time that pg has been computing the SCRAM proof, in microseconds; undefined when it is not. */
  get derivingUs(): number | undefined {
    return this.#challengedUs === ABSENT ? undefined : this.#now() - this.#challengedUs;
  }

  /** Notes the salt of a challenge, `r=nonce,s=salt,i=iterations`. */
  #noteSalt(challenge: string): void {
    const salt = /,s=([^,]+)/.exec(challenge)?.[1];
    if (salt !== undefined) this.#costs.noteSalt(salt);
  }

  /** Judges an Ok of the server. pg itself accepts any Ok. */
  #judgeOk(): LoginProblem | undefined {
    const { requireAuth } = this.#endpoint;
    if (this.#method === undefined && !isAllowed('none', requireAuth)) {
      return letInUnasked(requireAuth);
    }
    const isUnproven = this.#method === 'scram-sha-256' && !this.#isProven;
    return isUnproven ? unprovenServer() : undefined;
  }
}

/** Returns whether the server asks for a password or a proof with this message. */
export function isRequest({ name }: PgMessage): boolean {
  return ASKING[name] !== undefined;
}

const ASKING: Record<string, AuthMethod | undefined> = {
  authenticationCleartextPassword: 'password',
  authenticationMD5Password: 'md5',
  authenticationSASL: 'scram-sha-256',
};
