import type { Endpoint } from '../endpoint.ts';
import {
  type AuthMethod,
  type AuthRequirement,
  isAllowed,
  maySendCleartext,
} from './auth-requirement.ts';
import { DEFAULT_MAX_ITERATIONS } from './scram.ts';

/** The SASL mechanisms that connstorm speaks. The second one binds the login to the server's certificate. */
export const SCRAM = 'SCRAM-SHA-256';
export const SCRAM_PLUS = 'SCRAM-SHA-256-PLUS';

/**
 * The reason why a login cannot go on. `server`: it asks for something that connstorm does not have or may not send, or
 * it refuses the login. `protocol`: it broke the rules. `local`: this machine could not compute the answer.
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

/** The problem of a server that asks for a password when none was given. */
export const NO_PASSWORD: LoginProblem = {
  layer: 'server',
  code: 'NO_PASSWORD',
  message: 'the server asks for a password, and none was given',
};

/** Returns why `method` is not answered; undefined if it is. Call it before anything is derived from the password. */
export function judgeMethod(
  method: AuthMethod,
  { password, requireAuth, channelBinding }: Endpoint,
  isEncrypted: boolean,
): LoginProblem | undefined {
  if (!isAllowed(method, requireAuth)) {
    const message = `the server asks for ${method}, and require_auth=${requireAuth?.text} does not allow it`;
    return { layer: 'server', code: 'AUTH_NOT_ALLOWED', message };
  }
  if (channelBinding === 'require' && method !== 'scram-sha-256') {
    const message = `the server asks for ${method}, which has no channel binding, although it is required`;
    return { layer: 'server', code: 'NO_CHANNEL_BINDING', message };
  }
  if (method === 'password' && !maySendCleartext(isEncrypted, requireAuth)) {
    const message =
      'the server asks for a cleartext password without TLS: only require_auth=password allows that';
    return { layer: 'server', code: 'CLEARTEXT_PASSWORD', message };
  }
  return password === undefined ? NO_PASSWORD : undefined;
}

/** Returns the problem of an authentication request that neither driver can answer. */
export function unsupportedMethod(request: number): LoginProblem {
  const name = NAMES[request] ?? `authentication method ${request}`;
  const message = `the server asks for ${name}, which connstorm does not support`;
  return { layer: 'server', code: 'UNSUPPORTED_AUTH', message };
}

const NAMES: Record<number, string> = { 2: 'Kerberos V5', 7: 'GSSAPI', 8: 'GSSAPI', 9: 'SSPI' };

/**
 * Returns why no user can log in to a server that offers these SASL mechanisms; undefined if one of them can be used.
 */
export function judgeMechanisms(mechanisms: readonly string[]): LoginProblem | undefined {
  const isKnown = mechanisms.includes(SCRAM) || mechanisms.includes(SCRAM_PLUS);
  return isKnown ? undefined : onlyOffers(mechanisms);
}

/** Describes a server that offers only SASL mechanisms that cannot be used. */
export function onlyOffers(mechanisms: readonly string[]): LoginProblem {
  const offered = mechanisms.length === 0 ? 'no SASL mechanism' : `only ${mechanisms.join(', ')}`;
  const message = `the server offers ${offered}, and connstorm supports ${SCRAM}`;
  return { layer: 'server', code: 'UNSUPPORTED_AUTH', message };
}

/**
 * Returns why a server's SCRAM challenge is not answered; undefined if it is. Each iteration costs CPU of this machine,
 * and a man in the middle could ask for any number.
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
 * Returns the refusal in a SCRAM message; undefined if `message` is something else. A server may end SCRAM with `e=`
 * and a reason (RFC 5802, section 7) instead of an ErrorResponse.
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

export function unprovenServer(): LoginProblem {
  const message = 'the server ended SCRAM without proving that it knows the password';
  return { layer: 'protocol', code: 'BAD_SIGNATURE', message };
}

export function letInUnasked(requireAuth: AuthRequirement | undefined): LoginProblem {
  const message = `the server logs connstorm in without authentication, and require_auth=${requireAuth?.text} does not allow that`;
  return { layer: 'server', code: 'AUTH_NOT_ALLOWED', message };
}
