import { createHash } from 'node:crypto';
import { serialize } from 'pg-protocol';
import type { Endpoint } from './driver.ts';
import {
  createNonce,
  finishExchange,
  parseServerFirst,
  renderClientFirst,
  ScramError,
  type ScramKeyring,
  verifyServerFinal,
} from './scram.ts';

/** The authentication requests of the protocol (message `R`, first word) that are answered here. */
const AUTH_CLEARTEXT = 3;
const AUTH_MD5 = 5;
const AUTH_SASL = 10;
const AUTH_SASL_CONTINUE = 11;
const AUTH_SASL_FINAL = 12;
const NEEDS_PASSWORD = new Set([AUTH_CLEARTEXT, AUTH_MD5, AUTH_SASL]);
const NAMES: Record<number, string> = { 2: 'Kerberos V5', 7: 'GSSAPI', 8: 'GSSAPI', 9: 'SSPI' };

const SCRAM = 'SCRAM-SHA-256';

/**
 * Why a login cannot go on. `server`: it asks for what we do not have; `protocol`: it broke the rules; `local`: this
 * machine could not compute the answer.
 */
export interface LoginProblem {
  layer: 'server' | 'protocol' | 'local';
  code: 'NO_PASSWORD' | 'UNSUPPORTED_AUTH' | 'BAD_SCRAM' | 'BAD_SIGNATURE' | 'BAD_AUTH';
  message: string;
}

/** What an exchange needs of its connection. Either may come later than the call of `answer`. */
export interface LoginPort {
  /** Writes a message; `last`: the client has no more to say, from here on the server works. */
  send(message: Buffer, last: boolean): void;
  fail(problem: LoginProblem): void;
}

/** The authentication of one connect, from the server's first request that is not plain Ok. */
export class LoginExchange {
  readonly #endpoint: Endpoint;
  readonly #keyring: ScramKeyring;
  readonly #port: LoginPort;
  #nonce = '';
  #serverSignature: Buffer | undefined;
  #verified = false;
  #deriving = false;
  /** As `pg_hba.conf` calls it: password, md5 or scram-sha-256; undefined until asked. */
  method: string | undefined;

  constructor(endpoint: Endpoint, keyring: ScramKeyring, port: LoginPort) {
    this.#endpoint = endpoint;
    this.#keyring = keyring;
    this.#port = port;
  }

  /** False while SCRAM is under way: the server may not yet say Ok, it has not shown that it knows the password. */
  get mayEnd(): boolean {
    return this.method !== 'scram-sha-256' || this.#verified;
  }

  /** The server waits for us: PBKDF2 runs, or queues behind that of other logins. */
  get isDeriving(): boolean {
    return this.#deriving;
  }

  /** Answers one authentication request: `buffer[start, end)` is what follows the request's word. */
  answer(request: number, buffer: Buffer, start: number, end: number): void {
    const { password, user } = this.#endpoint;
    if (password === undefined && NEEDS_PASSWORD.has(request)) {
      this.#fail('server', 'NO_PASSWORD', 'the server asks for a password and none was given');
      return;
    }
    if (request === AUTH_CLEARTEXT) {
      this.#sendPassword('password', password ?? '');
    } else if (request === AUTH_MD5) {
      this.#sendPassword('md5', hashMd5(user, password ?? '', buffer.subarray(start, start + 4)));
    } else if (request === AUTH_SASL) {
      this.#startScram(buffer.toString('latin1', start, end).split('\0'));
    } else if (request === AUTH_SASL_CONTINUE) {
      this.#guard(() => this.#continueScram(buffer.toString('utf8', start, end)));
    } else if (request === AUTH_SASL_FINAL) {
      this.#guard(() => this.#finishScram(buffer.toString('utf8', start, end)));
    } else {
      const name = NAMES[request] ?? `authentication method ${request}`;
      this.#fail('server', 'UNSUPPORTED_AUTH', `the server asks for ${name}: connstorm has none`);
    }
  }

  #sendPassword(method: 'password' | 'md5', text: string): void {
    this.method = method;
    this.#port.send(serialize.password(text), true);
  }

  #startScram(mechanisms: string[]): void {
    if (!mechanisms.includes(SCRAM)) {
      const offered = mechanisms.filter((name) => name !== '').join(', ');
      this.#fail('server', 'UNSUPPORTED_AUTH', `the server offers only SASL ${offered}`);
      return;
    }
    this.method = 'scram-sha-256';
    this.#nonce = createNonce();
    this.#port.send(
      serialize.sendSASLInitialResponseMessage(SCRAM, renderClientFirst(this.#nonce)),
      false,
    );
  }

  #continueScram(serverFirst: string): void {
    if (this.#nonce === '') throw new ScramError('BAD_SCRAM', 'a SCRAM challenge out of turn');
    const nonce = this.#nonce;
    const { nonce: serverNonce, saltBase64, iterations } = parseServerFirst(serverFirst, nonce);
    this.#deriving = true;
    this.#keyring.derive(saltBase64, iterations, (error, keys) => {
      this.#deriving = false;
      if (keys === undefined) {
        this.#fail('local', 'BAD_SCRAM', `PBKDF2 failed: ${error?.message}`);
        return;
      }
      const { clientFinal, serverSignature } = finishExchange(
        keys,
        nonce,
        serverFirst,
        serverNonce,
      );
      this.#serverSignature = serverSignature;
      this.#port.send(serialize.sendSCRAMClientFinalMessage(clientFinal), true);
    });
  }

  #finishScram(serverFinal: string): void {
    if (this.#serverSignature === undefined) {
      throw new ScramError('BAD_SCRAM', "SCRAM's end out of turn");
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

/** PostgreSQL's md5 response: `md5` + md5(md5(password + user) + salt), in hex. */
function hashMd5(user: string, password: string, salt: Buffer): string {
  const inner = createHash('md5')
    .update(password + user)
    .digest('hex');
  return `md5${createHash('md5').update(inner).update(salt).digest('hex')}`;
}
