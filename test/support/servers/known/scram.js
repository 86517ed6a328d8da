// @ts-check

import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/** @param {Buffer} key @param {string} text */
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
/** @param {Buffer} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/**
 * What a server keeps of a password (RFC 5802, section 3).
 *
 * @typedef {{ salt: Buffer, iterations: number, storedKey: Buffer, serverKey: Buffer }} Verifier
 */

/**
 * @param {string} password @param {number} iterations
 * @returns {Promise<Verifier>} With a salt of its own.
 */
export async function createVerifier(password, iterations) {
  const salt = randomBytes(16);
  const salted = await derive(password, salt, iterations, 32, 'sha256');
  const storedKey = sha256(hmac(salted, 'Client Key'));
  return { salt, iterations, storedKey, serverKey: hmac(salted, 'Server Key') };
}

/**
 * What the client says first. Throws when it is none of RFC 5802's.
 *
 * @param {Buffer} body SASLInitialResponse without its head.
 * @returns {{ mechanism: string, gs2Header: string, bare: string, nonce: string }}
 */
export function parseClientFirst(body) {
  const end = body.indexOf(0);
  const length = body.readInt32BE(end + 1);
  const text = body.toString('utf8', end + 5);
  const parts = /^([nyp](?:=[^,]+)?,[^,]*,)(n=[^,]*,r=([^,]+))$/.exec(text);
  const [, gs2Header, bare, nonce] = parts ?? [];
  if (gs2Header === undefined || bare === undefined || nonce === undefined) {
    throw new Error(`no client-first-message: ${JSON.stringify(text)}`);
  }
  if (length !== body.length - end - 5) throw new Error(`SASL data of ${length} bytes announced`);
  return { mechanism: body.toString('latin1', 0, end), gs2Header, bare, nonce };
}

/**
 * The answer to the client's first message.
 *
 * @param {Verifier} verifier @param {string} nonce The client's.
 */
export function createServerFirst(verifier, nonce) {
  const salt = verifier.salt.toString('base64');
  return `r=${nonce}${randomBytes(18).toString('base64')},s=${salt},i=${verifier.iterations}`;
}

/**
 * Checks the client's proof.
 *
 * @param {Verifier} verifier
 * @param {{ gs2Header: string, bare: string }} clientFirst
 * @param {string} serverFirst
 * @param {Buffer} body The SASLResponse without its head.
 * @param {Buffer} binding Channel binding data; empty without.
 * @returns {Buffer | null} The server's signature; null when the password is wrong. Throws when nonce or channel
 *   binding are not what they must be.
 */
export function verifyClientFinal(verifier, clientFirst, serverFirst, body, binding) {
  const text = body.toString('utf8');
  const [, withoutProof, channel, nonce, proof] =
    /^(c=([^,]+),r=([^,]+)),p=([^,]+)$/.exec(text) ?? [];
  if (proof === undefined) throw new Error(`no client-final-message: ${JSON.stringify(text)}`);
  const expected = Buffer.concat([Buffer.from(clientFirst.gs2Header), binding]).toString('base64');
  if (channel !== expected) throw new Error(`channel binding ${channel}, expected ${expected}`);
  if (!serverFirst.startsWith(`r=${nonce},`)) throw new Error(`another nonce: ${nonce}`);
  const authMessage = `${clientFirst.bare},${serverFirst},${withoutProof}`;
  const clientSignature = hmac(verifier.storedKey, authMessage);
  const clientProof = Buffer.from(proof, 'base64');
  if (clientProof.length !== clientSignature.length) return null;
  const clientKey = Buffer.from(clientProof.map((byte, i) => byte ^ (clientSignature[i] ?? 0)));
  if (!timingSafeEqual(sha256(clientKey), verifier.storedKey)) return null;
  return hmac(verifier.serverKey, authMessage);
}
