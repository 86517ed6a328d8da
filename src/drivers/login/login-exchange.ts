import { createHash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { serialize } from 'pg-protocol';
import { readMonotonicUs } from '../../clock.ts';
import type { Endpoint } from '../endpoint.ts';
import {
  AUTH_CLEARTEXT,
  AUTH_MD5,
  AUTH_SASL,
  AUTH_SASL_CONTINUE,
  AUTH_SASL_FINAL,
} from '../protocol/message-types.ts';
import { hashEndPoint } from '../transport/channel-binding.ts';
import { type AuthMethod, isAllowed } from './auth-requirement.ts';
import {
  findScramRefusal,
  judgeIterations,
  judgeMechanisms,
  judgeMethod,
  type LoginProblem,
  letInUnasked,
  onlyOffers,
  SCRAM,
  SCRAM_PLUS,
  unprovenServer,
  unsupportedMethod,
} from './login-problem.ts';
import {
  type Binding,
  bindToEndPoint,
  createNonce,
  finishExchange,
  NOT_OFFERED,
  parseServerFirst,
  renderClientFirst,
  ScramError,
  type ScramKeyring,
  UNBOUND,
  verifyServerFinal,
} from './scram.ts';

/** Requests that need a password, by their names in require_auth. Further SASL requests have no name of their own. */
const METHODS: Record<number, AuthMethod> = {
  [AUTH_CLEARTEXT]: 'password',
  [AUTH_MD5]: 'md5',
  [AUTH_SASL]: 'scram-sha-256',
};

/** What an exchange needs of its connection. Either function may be called later than `answer`. */
export interface LoginPort {
  /** Writes a message. `last`: it is the client's last message, so from here on the server works. */
  send(message: Buffer, last: boolean): void;
  fail(problem: LoginProblem): void;
}

/** The authentication of one connect, from the server's first request to its Ok. */
export class LoginExchange {
  readonly #endpoint: Endpoint;
  readonly #keyring: ScramKeyring;
  readonly #secure: TLSSocket | undefined;
  readonly #port: LoginPort;
  #binding: Binding = UNBOUND;
  #nonce = '';
  #serverSignature: Buffer | undefined;
  #verified = false;
  #derivingSinceUs: number | undefined;
  /** The method by its name in `pg_hba.conf`: password, md5 or scram-sha-256; undefined until the server asks. */
  method: string | undefined;

  /** `secure`: undefined without TLS. */
  constructor(
    endpoint: Endpoint,
    keyring: ScramKeyring,
    secure: TLSSocket | undefined,
    port: LoginPort,
  ) {
    this.#endpoint = endpoint;
    this.#keyring = keyring;
    this.#secure = secure;
    this.#port = port;
  }

  /** Returns why the server must not answer Ok now, so that the login has failed; undefined if it may. */
  judgeOk(): LoginProblem | undefined {
    const { requireAuth, channelBinding } = this.#endpoint;
    if (this.method === 'scram-sha-256' && !this.#verified) return unprovenServer();
    if (this.method === undefined && !isAllowed('none', requireAuth)) {
      return letInUnasked(requireAuth);
    }
    if (channelBinding === 'require' && !this.isBound) {
      const message = 'the server logs connstorm in without channel binding, which is required';
      return { layer: 'server', code: 'NO_CHANNEL_BINDING', message };
    }
    return undefined;
  }

  /**
   * Returns how long the server has been waiting for connstorm's PBKDF2, in microseconds; that may queue behind other
   * logins'. Returns undefined if it is not waiting.
   */
  get derivingUs(): number | undefined {
    return this.#derivingSinceUs && readMonotonicUs() - this.#derivingSinceUs;
  }

  /** Returns whether the server has proven that it knows the password (SCRAM). Then connstorm's password is right. */
  get isVerified(): boolean {
    return this.#verified;
  }

  /** Returns whether the login is bound to the server's certificate (SCRAM-SHA-256-PLUS). */
  get isBound(): boolean {
    return this.#binding !== UNBOUND && this.#binding !== NOT_OFFERED;
  }

  /** Answers one authentication request. `buffer[start, end)`: the bytes after the request's code. */
  answer(request: number, buffer: Buffer, start: number, end: number): void {
    const { password, user } = this.#endpoint;
    const mechanisms = request === AUTH_SASL ? readMechanisms(buffer, start, end) : [];
    const refusal = this.#judgeRequest(request, mechanisms);
    if (refusal !== undefined) {
      this.#port.fail(refusal);
    } else if (request === AUTH_CLEARTEXT) {
      this.#sendPassword('password', password ?? '');
    } else if (request === AUTH_MD5) {
      this.#sendPassword('md5', hashMd5(user, password ?? '', buffer.subarray(start, start + 4)));
    } else if (request === AUTH_SASL) {
      this.#guard(() => this.#startScram(mechanisms));
    } else if (request === AUTH_SASL_CONTINUE) {
      this.#guard(() => this.#continueScram(buffer.toString('utf8', start, end)));
    } else if (request === AUTH_SASL_FINAL) {
      this.#guard(() => this.#finishScram(buffer.toString('utf8', start, end)));
    } else {
      this.#port.fail(unsupportedMethod(request));
    }
  }

  /**
   * Returns why a request is not answered. Mechanisms are judged first, so that a missing password is not reported if
   * it would not help.
   */
  #judgeRequest(request: number, mechanisms: readonly string[]): LoginProblem | undefined {
    const method = METHODS[request];
    if (method === undefined) return undefined;
    const unknown = request === AUTH_SASL ? judgeMechanisms(mechanisms) : undefined;
    return unknown ?? judgeMethod(method, this.#endpoint, this.#secure !== undefined);
  }

  #sendPassword(method: 'password' | 'md5', text: string): void {
    this.method = method;
    this.#port.send(serialize.password(text), true);
  }

  #startScram(mechanisms: string[]): void {
    const offersPlus = mechanisms.includes(SCRAM_PLUS);
    if (offersPlus && this.#secure === undefined) {
      throw new ScramError('BAD_SCRAM', `the server offers ${SCRAM_PLUS} without TLS`);
    }
    this.#binding = this.#chooseBinding(offersPlus);
    const mechanism = this.isBound ? SCRAM_PLUS : SCRAM;
    if (!this.isBound && this.#endpoint.channelBinding === 'require') {
      const message = 'channel binding is required, and it is not possible in this login';
      this.#fail('server', 'NO_CHANNEL_BINDING', `${message}: ${this.#explainUnbound()}`);
    } else if (!mechanisms.includes(mechanism)) {
      this.#port.fail(onlyOffers(mechanisms));
    } else {
      this.method = 'scram-sha-256';
      this.#nonce = createNonce();
      const clientFirst = renderClientFirst(this.#nonce, this.#binding);
      this.#port.send(serialize.sendSASLInitialResponseMessage(mechanism, clientFirst), false);
    }
  }

  #chooseBinding(offersPlus: boolean): Binding {
    if (this.#secure === undefined || this.#endpoint.channelBinding === 'disable') return UNBOUND;
    const certificate = this.#secure.getPeerX509Certificate();
    const hash = certificate === undefined ? undefined : hashEndPoint(certificate.raw);
    if (hash === undefined) return UNBOUND;
    return offersPlus ? bindToEndPoint(hash) : NOT_OFFERED;
  }

  #explainUnbound(): string {
    if (this.#secure === undefined) return 'there is no TLS';
    return this.#binding === NOT_OFFERED
      ? 'the server does not offer it'
      : "the signature of the server's certificate has no hash to bind to";
  }

  #continueScram(serverFirst: string): void {
    if (this.#nonce === '')
      throw new ScramError('BAD_SCRAM', 'a SCRAM challenge at the wrong moment');
    const nonce = this.#nonce;
    const refused = findScramRefusal(serverFirst);
    if (refused !== undefined) {
      this.#port.fail(refused);
      return;
    }
    const { nonce: serverNonce, saltBase64, iterations } = parseServerFirst(serverFirst, nonce);
    const tooMany = judgeIterations(iterations, this.#endpoint);
    if (tooMany !== undefined) {
      this.#port.fail(tooMany);
      return;
    }
    this.#derivingSinceUs = readMonotonicUs();
    this.#keyring.derive(saltBase64, iterations, (error, keys) => {
      this.#derivingSinceUs = undefined;
      if (keys === undefined) {
        this.#fail('local', 'BAD_SCRAM', `PBKDF2 failed: ${error?.message}`);
        return;
      }
      const { clientFinal, serverSignature } = finishExchange(
        keys,
        nonce,
        serverFirst,
        serverNonce,
        this.#binding,
      );
      this.#serverSignature = serverSignature;
      this.#port.send(serialize.sendSCRAMClientFinalMessage(clientFinal), true);
    });
  }

  #finishScram(serverFinal: string): void {
    const refused = findScramRefusal(serverFinal);
    if (refused !== undefined) {
      this.#port.fail(refused);
      return;
    }
    if (this.#serverSignature === undefined) {
      throw new ScramError('BAD_SCRAM', 'the end of SCRAM at the wrong moment');
    }
    verifyServerFinal(serverFinal, this.#serverSignature);
    this.#verified = true;
  }

  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      if (!(error instanceof ScramError)) throw error;
      this.#fail('protocol', error.code, error.message);
    }
  }

  #fail(layer: LoginProblem['layer'], code: LoginProblem['code'], message: string): void {
    this.#port.fail({ layer, code, message });
  }
}

/** Returns the SASL mechanisms of AuthenticationSASL: names that end with NUL, and one more NUL. */
function readMechanisms(buffer: Buffer, start: number, end: number): string[] {
  return buffer
    .toString('latin1', start, end)
    .split('\0')
    .filter((name) => name !== '');
}

/** Computes PostgreSQL's md5 response: `md5` + md5(md5(password + user) + salt), in hex. */
function hashMd5(user: string, password: string, salt: Buffer): string {
  const inner = createHash('md5')
    .update(password + user)
    .digest('hex');
  return `md5${createHash('md5').update(inner).update(salt).digest('hex')}`;
}
