import type { Endpoint } from '../endpoint.ts';
import { DEFAULT_MAX_ITERATIONS } from './scram.ts';

/** SASL mechanisms that are spoken here; the second binds the login to the server's certificate. */
export const SCRAM = 'SCRAM-SHA-256';
export const SCRAM_PLUS = 'SCRAM-SHA-256-PLUS';

/**
 * Why a login cannot go on. `server`: it asks for what we do not have or may not do; `protocol`: it broke the rules;
 * `local`: this machine could not compute the answer.
 */
export interface LoginProblem {
  layer: 'server' | 'protocol' | 'local';
  code:
    | 'NO_PASSWORD'
    | 'UNSUPPORTED_AUTH'
    | 'AUTH_NOT_ALLOWED'
    | 'CLEARTEXT_PASSWORD'
    | 'NO_CHANNEL_BINDING'
    | 'SCRAM_REFUSED'
    | 'SCRAM_ITERATIONS'
    | 'BAD_SCRAM'
    | 'BAD_SIGNATURE';
  message: string;
}

/** The server asks for a password, and there is none to give. */
export const NO_PASSWORD: LoginProblem = {
  layer: 'server',
  code: 'NO_PASSWORD',
  message: 'the server asks for a password, and none was given',
};

/** Why a server that offers these SASL mechanisms cannot be logged in to, whoever we are; undefined where it can. */
export function judgeMechanisms(mechanisms: readonly string[]): LoginProblem | undefined {
  const isKnown = mechanisms.includes(SCRAM) || mechanisms.includes(SCRAM_PLUS);
  return isKnown ? undefined : onlyOffers(mechanisms);
}

/** For SASL mechanisms of which none can be used. */
export function onlyOffers(mechanisms: readonly string[]): LoginProblem {
  const offered = mechanisms.length === 0 ? 'no SASL mechanism' : `only ${mechanisms.join(', ')}`;
  const message = `the server offers ${offered}, and connstorm supports ${SCRAM}`;
  return { layer: 'server', code: 'UNSUPPORTED_AUTH', message };
}

/**
 * Why a server's SCRAM challenge is not answered: each iteration costs this machine's CPU, and who stands in between may ask
 * for any number. undefined where it is answered.
 */
export function judgeIterations(
  iterations: number,
  { maxScramIterations: most = DEFAULT_MAX_ITERATIONS }: Endpoint,
): LoginProblem | undefined {
  if (iterations <= most) return undefined;
  const message = `the server asks for ${iterations} SCRAM iterations, and connection.maxScramIterations allows ${most}`;
  return { layer: 'server', code: 'SCRAM_ITERATIONS', message };
}

/**
 * A server may end SCRAM with `e=` and a reason (RFC 5802, section 7) instead of an ErrorResponse: it has refused the
 * login. undefined where `message` is something else.
 */
export function findScramRefusal(message: string): LoginProblem | undefined {
  const reason = /^e=([^,]*)/.exec(message)?.[1];
  if (reason === undefined) return undefined;
  return {
    layer: 'server',
    code: 'SCRAM_REFUSED',
    message: `the server ended SCRAM with ${reason}`,
  };
}
