import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { saslprep } from '@mongodb-js/saslprep';
import { readMonotonicUs } from '../../clock.ts';
import { ScramCosts, type ScramFigures } from './scram-costs.ts';

/**
 * The client's half of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL speaks it. The user name is left empty, because
 * the server takes it from the StartupMessage.
 */

/** The keys from the salted password, 32 bytes each; valid for one password, salt and iteration count. */
export interface ScramKeys {
  clientKey: Buffer;
  storedKey: Buffer;
  serverKey: Buffer;
}

export interface ServerFirst {
  /** The client's nonce with the server's continuation. */
  nonce: string;
  saltBase64: string;
  iterations: number;
}

/** The server broke the protocol (BAD_SCRAM), or did not prove that it knows the password (BAD_SIGNATURE). */
export class ScramError extends Error {
  override readonly name = 'ScramError';
  readonly code: 'BAD_SCRAM' | 'BAD_SIGNATURE';

  constructor(code: 'BAD_SCRAM' | 'BAD_SIGNATURE', message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The most iterations that libpq and pgjdbc accept. They cost about 25 ms of CPU a login (measured once on one core,
 * 2026). PostgreSQL asks for 4,096.
 */
export const DEFAULT_MAX_ITERATIONS = 100_000;
/** More iterations would cost the client minutes for each connect; no real server asks for them. */
const MAX_ITERATIONS = 10_000_000;
const NONCE_BYTES = 18;

/** The parts of a login about channel binding: the GS2 header (RFC 5802, section 7), and `c=` of the final message. */
export interface Binding {
  header: string;
  /** The header and the channel's data, in base64. */
  channel: string;
}

/** The client does not bind, or there is no TLS to bind to. */
export const UNBOUND = createBinding('n,,');
/** The client can bind, but saw no offer. A server that did offer it learns in this way of a man in the middle. */
export const NOT_OFFERED = createBinding('y,,');

/** Returns the binding to the server's certificate, by its hash (`tls-server-end-point`). */
export function bindToEndPoint(hash: Buffer): Binding {
  return createBinding('p=tls-server-end-point,,', hash);
}

function createBinding(header: string, data: Buffer = Buffer.alloc(0)): Binding {
  return { header, channel: Buffer.concat([Buffer.from(header), data]).toString('base64') };
}

/** Returns the password as SCRAM hashes it: after SASLprep (RFC 4013), or raw if SASLprep refuses it, as libpq does. */
export function preparePassword(password: string): string {
  try {
    return saslprep(password);
  } catch {
    return password;
  }
}

let nonces = Buffer.alloc(0);
let noncesUsed = 0;

/** Returns 18 random bytes in base64 (24 characters, as in libpq). One system call draws the bytes of 256 nonces. */
export function createNonce(): string {
  if (noncesUsed + NONCE_BYTES > nonces.length) {
    nonces = randomBytes(NONCE_BYTES * 256);
    noncesUsed = 0;
  }
  noncesUsed += NONCE_BYTES;
  return nonces.toString('base64', noncesUsed - NONCE_BYTES, noncesUsed);
}

/** Returns the client-first-message with its GS2 header. */
export function renderClientFirst(nonce: string, { header }: Binding): string {
  return `${header}n=,r=${nonce}`;
}

/**
 * Parses a server-first-message, `r=...,s=...,i=...`. Throws ScramError if it is malformed, does not continue
 * `clientNonce`, or asks for more than MAX_ITERATIONS.
 */
export function parseServerFirst(message: string, clientNonce: string): ServerFirst {
  const match =
    /^r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9][0-9]{0,9})(?:,|$)/.exec(message);
  const [, nonce, saltBase64, iterationsText] = match ?? [];
  if (nonce === undefined || saltBase64 === undefined || iterationsText === undefined) {
    throw new ScramError('BAD_SCRAM', 'the server sent a malformed SCRAM challenge');
  }
  if (nonce.length <= clientNonce.length || !nonce.startsWith(clientNonce)) {
    throw new ScramError(
      'BAD_SCRAM',
      "the server's SCRAM nonce does not begin with that of connstorm",
    );
  }
  const iterations = Number(iterationsText);
  if (iterations > MAX_ITERATIONS) {
    throw new ScramError('BAD_SCRAM', `the server asks for ${iterations} SCRAM iterations`);
  }
  return { nonce, saltBase64, iterations };
}

/** Returns the client-final-message, and the signature that the server must answer with to prove itself. */
export function finishExchange(
  keys: ScramKeys,
  clientNonce: string,
  serverFirst: string,
  serverNonce: string,
  { channel }: Binding,
): { clientFinal: string; serverSignature: Buffer } {
  const withoutProof = `c=${channel},r=${serverNonce}`;
  const authMessage = `n=,r=${clientNonce},${serverFirst},${withoutProof}`;
  const proof = hmac(keys.storedKey, authMessage);
  for (let i = 0; i < proof.length; i++) proof[i] = (proof[i] ?? 0) ^ (keys.clientKey[i] ?? 0);
  return {
    clientFinal: `${withoutProof},p=${proof.toString('base64')}`,
    serverSignature: hmac(keys.serverKey, authMessage),
  };
}

/**
 * Checks the server-final-message. Throws ScramError: `BAD_SIGNATURE` if the server does not know the password,
 * `BAD_SCRAM` if the message holds no signature.
 */
export function verifyServerFinal(message: string, serverSignature: Buffer): void {
  const given = /^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(message)?.[1];
  if (given === undefined) {
    throw new ScramError('BAD_SCRAM', `the server ended SCRAM with ${JSON.stringify(message)}`);
  }
  const signature = Buffer.from(given, 'base64');
  if (signature.length !== serverSignature.length || !timingSafeEqual(signature, serverSignature)) {
    throw new ScramError(
      'BAD_SIGNATURE',
      "the server's SCRAM signature is wrong: it does not know the password",
    );
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * The most pairs of salt and iterations in the cache: a pooler with a new salt for each login would fill the memory.
 */
const CACHE_LIMIT = 1000;

/**
 * The SCRAM keys for one password. PBKDF2 costs the client milliseconds of CPU for each connect, on libuv's thread
 * pool. A real server keeps a user's salt, so with `cache` PBKDF2 runs once for each salt and iteration count.
 */
export class ScramKeyring {
  readonly #password: string;
  readonly #cache: boolean;
  readonly #keys = new Map<string, ScramKeys>();
  readonly #waiting = new Map<string, KeysCallback[]>();
  readonly #costs: ScramCosts;

  /** `derivations`: the memory for ScramCosts. */
  constructor(password: string, cache: boolean, derivations?: SharedArrayBuffer) {
    this.#costs = new ScramCosts(derivations);
    this.#password = preparePassword(password);
    this.#cache = cache;
  }

  get figures(): ScramFigures {
    return this.#costs.figures;
  }

  /** Notes that an attempt was abandoned before it had its keys. */
  noteAbandoned(): void {
    this.#costs.noteAbandoned();
  }

  /**
   * Calls back with the keys: at once if they are known, else after PBKDF2. `error` is set only if Node's crypto fails.
   */
  derive(saltBase64: string, iterations: number, callback: KeysCallback): void {
    const id = `${saltBase64},${iterations}`;
    const known = this.#keys.get(id);
    if (known !== undefined) {
      this.#costs.noteWait(0);
      callback(null, known);
      return;
    }
    this.#costs.noteSalt(saltBase64);
    const settled = this.#timeWait(callback);
    if (!this.#cache) {
      this.#runPbkdf2(saltBase64, iterations, settled);
      return;
    }
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined) {
      waiting.push(settled);
      return;
    }
    this.#waiting.set(id, [settled]);
    this.#runPbkdf2(saltBase64, iterations, (error, keys) => this.#settle(id, error, keys));
  }

  /** Returns a callback that counts the wait first. Logins that share a derivation each count their own wait. */
  #timeWait(callback: KeysCallback): KeysCallback {
    const startUs = readMonotonicUs();
    return (error, keys) => {
      this.#costs.noteWait(readMonotonicUs() - startUs);
      callback(error, keys);
    };
  }

  #settle(id: string, error: Error | null, keys: ScramKeys | undefined): void {
    if (keys !== undefined) {
      if (this.#keys.size >= CACHE_LIMIT) this.#keys.clear();
      this.#keys.set(id, keys);
    }
    const waiting = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    for (const callback of waiting) callback(error, keys);
  }

  #runPbkdf2(saltBase64: string, iterations: number, callback: KeysCallback): void {
    const startUs = readMonotonicUs();
    const begin = this.#costs.noteBegin();
    const salt = Buffer.from(saltBase64, 'base64');
    pbkdf2(this.#password, salt, iterations, 32, 'sha256', (error, salted) => {
      this.#costs.noteDerivation(readMonotonicUs() - startUs, begin);
      if (error) callback(error, undefined);
      else callback(null, deriveKeys(salted));
    });
  }
}

export type KeysCallback = (error: Error | null, keys: ScramKeys | undefined) => void;

function deriveKeys(saltedPassword: Buffer): ScramKeys {
  const clientKey = hmac(saltedPassword, 'Client Key');
  return {
    clientKey,
    storedKey: createHash('sha256').update(clientKey).digest(),
    serverKey: hmac(saltedPassword, 'Server Key'),
  };
}
