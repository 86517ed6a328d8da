// @ts-check

import { createHash, randomBytes } from 'node:crypto';
import { authentication, saslMechanisms } from './messages.js';
import { createServerFirst, parseClientFirst, verifyClientFinal } from './scram.js';
import { wait } from './wait.js';

/**
 * Asks for the password in the behaviour's way.
 *
 * @typedef {{
 *   peer: import('./peer.js').Peer, state: import('./server-state.js').ServerState, user: string,
 *   answered: () => Promise<unknown>,
 * }} LoginContext `answered` is called once the client's first answer is there.
 *
 * @param {LoginContext} context
 * @returns {Promise<Buffer[] | null>} What is to be sent ahead of AuthenticationOk; null when the password is wrong.
 */
export function login(context) {
  return METHODS[context.state.behaviour.auth ?? 'trust'](context);
}

/** @type {Record<NonNullable<import('./behaviour.js').Behaviour['auth']>, typeof login>} */
const METHODS = {
  trust: async () => [],

  password: async (context) => {
    await context.peer.sendMessages(authentication('password'));
    return (await readPassword(context)) === context.state.password ? [] : null;
  },

  md5: async (context) => {
    const salt = randomBytes(4);
    await context.peer.sendMessages(authentication('md5', salt));
    const inner = md5(Buffer.from(context.state.password + context.user));
    const expected = `md5${md5(Buffer.concat([Buffer.from(inner), salt]))}`;
    return (await readPassword(context)) === expected ? [] : null;
  },

  'scram-sha-256': async (context) => {
    const { peer, state } = context;
    const options = state.behaviour.scram ?? {};
    const verifier = await state.createVerifier();
    const mechanisms = options.mechanisms ?? ['SCRAM-SHA-256'];
    if (options.advertisePlus) mechanisms.unshift('SCRAM-SHA-256-PLUS');
    await peer.sendMessages(saslMechanisms(mechanisms));
    const clientFirst = parseClientFirst(await readAnswer(context));
    state.counters.gs2Header = clientFirst.gs2Header;
    checkBinding(clientFirst, mechanisms);
    await context.answered();
    await wait(state.behaviour.authDelayMs);
    const refused = Buffer.from(`e=${options.error}`);
    if (options.errorAt === 'challenge') {
      await peer.sendMessages(authentication('saslContinue', refused));
      return null;
    }
    const nonce = options.badNonce ? 'another' : clientFirst.nonce;
    const serverFirst = createServerFirst(verifier, nonce);
    await peer.sendMessages(authentication('saslContinue', Buffer.from(serverFirst)));
    const binding = clientFirst.mechanism.endsWith('PLUS')
      ? Buffer.from(state.identity.endPointHash, 'hex')
      : Buffer.alloc(0);
    const body = await readAnswer(context);
    const signature = verifyClientFinal(verifier, clientFirst, serverFirst, body, binding);
    if (options.error !== undefined) {
      await peer.sendMessages(authentication('saslFinal', refused));
      peer.end();
    }
    if (signature === null) return null;
    if (options.noServerSignature) return [];
    const told = options.badServerSignature ? randomBytes(signature.length) : signature;
    return [authentication('saslFinal', Buffer.from(`v=${told.toString('base64')}`))];
  },
};

/** @param {LoginContext} context */
async function readPassword(context) {
  const body = await readAnswer(context);
  await context.answered();
  return body.toString('utf8', 0, body.length - 1);
}

/** @param {LoginContext} context */
async function readAnswer(context) {
  const { type, body } = await context.peer.readMessage();
  if (type !== 'p') throw new Error(`message ${type} in place of an answer to authentication`);
  return body;
}

/**
 * As Postgres checks it: the mechanism fits the header, and a client that thinks the server had no channel
 * binding (`y`) while it was offered one has been lied to.
 *
 * @param {{ mechanism: string, gs2Header: string }} clientFirst @param {string[]} mechanisms
 */
function checkBinding({ mechanism, gs2Header }, mechanisms) {
  if (!mechanisms.includes(mechanism)) throw new Error(`mechanism ${mechanism} was not offered`);
  const isPlus = mechanism.endsWith('PLUS');
  if (isPlus !== gs2Header.startsWith('p=')) throw new Error(`${mechanism} with ${gs2Header}`);
  if (isPlus && gs2Header !== 'p=tls-server-end-point,,') throw new Error(`binding ${gs2Header}`);
  if (gs2Header.startsWith('y') && mechanisms.length > 1) {
    throw new Error('the client says that channel binding was not offered; it was');
  }
}

/** @param {Buffer} bytes */
const md5 = (bytes) => createHash('md5').update(bytes).digest('hex');
