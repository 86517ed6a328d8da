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

/** One login as the server's messages show it, and what must not go on that pg would go on with. */
export class PgLogin {
  readonly #endpoint: Endpoint;
  readonly #costs: ScramCosts;
  readonly #now: Clock;
  #method: AuthMethod | undefined;
  /** The server has sent SCRAM's last message, its signature. */
  #isProven = false;
  /** Since when pg computes the SCRAM proof; ABSENT when it does not. */
  #challengedUs = ABSENT;
  /** Of the derivation, for the costs. */
  #begin: number | null = null;

  constructor(endpoint: Endpoint, costs: ScramCosts, now: Clock) {
    this.#endpoint = endpoint;
    this.#costs = costs;
    this.#now = now;
  }

  /** Takes a message before pg.Client does; returns why the login cannot go on, if it cannot. */
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
      // Whether it is the right signature pg checks at once, and fails otherwise.
      this.#isProven = true;
      return findScramRefusal(data);
    }
    return undefined;
  }

  /** From here on pg derives. */
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
   * pg's answer to a challenge is out. What that took is not arithmetic alone: pg derives through WebCrypto, in several
   * steps with turns of the event loop between them.
   */
  noteAnswer(): void {
    const us = this.derivingUs;
    if (us === undefined) return;
    this.#costs.noteDerivation(us, this.#begin);
    this.#costs.noteWait(us);
    this.#challengedUs = ABSENT;
  }

  /** The attempt is over, whether pg goes on computing or not: what was waited until now is known. */
  noteOver(): void {
    const us = this.derivingUs;
    if (us === undefined) return;
    this.#costs.noteEnd(this.#begin);
    this.#costs.noteWait(us);
    this.#challengedUs = ABSENT;
  }

  /** How long pg has computed the SCRAM proof; undefined when it does not. */
  get derivingUs(): number | undefined {
    return this.#challengedUs === ABSENT ? undefined : this.#now() - this.#challengedUs;
  }

  /** Of a challenge, `r=nonce,s=salt,i=iterations`. */
  #noteSalt(challenge: string): void {
    const salt = /,s=([^,]+)/.exec(challenge)?.[1];
    if (salt !== undefined) this.#costs.noteSalt(salt);
  }

  /** pg takes any Ok for one. */
  #judgeOk(): LoginProblem | undefined {
    const { requireAuth } = this.#endpoint;
    if (this.#method === undefined && !isAllowed('none', requireAuth)) {
      return letInUnasked(requireAuth);
    }
    const isUnproven = this.#method === 'scram-sha-256' && !this.#isProven;
    return isUnproven ? unprovenServer() : undefined;
  }
}

/** Whether the server asks for something by it. */
export function isRequest({ name }: PgMessage): boolean {
  return ASKING[name] !== undefined;
}

const ASKING: Record<string, AuthMethod | undefined> = {
  authenticationCleartextPassword: 'password',
  authenticationMD5Password: 'md5',
  authenticationSASL: 'scram-sha-256',
};
