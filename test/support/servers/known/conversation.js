// @ts-check

import { login } from './login.js';
import * as messages from './messages.js';
import { Over } from './peer.js';
import { answer, mayAsk, tellSetup } from './server-times.js';
import { wait } from './wait.js';

/**
 * @typedef {object} Connection
 * @property {import('./peer.js').Peer} peer
 * @property {import('./server-state.js').ServerState} state
 * @property {number} serial The connection's number, from 1; also its backend's pid.
 */

/**
 * One connection from its first byte to its end. Never rejects: what a client does wrong is refused and kept
 * among the complaints.
 *
 * @param {Connection} connection
 */
export async function converse(connection) {
  const { peer, state } = connection;
  try {
    await pass('connect', connection);
    await state.postmaster?.fork();
    const user = await readStartup(connection);
    await authenticate(connection, user);
    await serveQueries(connection);
    state.counters.terminates += 1;
    await wait(state.behaviour.closeDelayMs);
    peer.end();
  } catch (error) {
    if (error instanceof Over) return;
    state.complain(error);
    await refuse(peer, { code: '08P01', message: String(error) }).catch(() => {});
  }
}

/**
 * Lets the connection go on from a stage, or does in its stead what the behaviour has for it.
 *
 * @param {import('./behaviour.js').Stage} at
 * @param {Connection} connection
 * @returns {Promise<boolean>} Whether the stage's own answer is still to be given.
 */
async function pass(at, { peer, state, serial }) {
  if (state.shouldRefuse(at, serial)) {
    state.counters.refusals += 1;
    await refuse(peer, state.behaviour.refusal ?? {});
  }
  const fault = state.chooseFault(at, serial);
  if (fault === null) return true;
  state.counters.faults += 1;
  await FAULTS[fault.how](peer);
  return false;
}

/**
 * @param {import('./peer.js').Peer} peer
 * @param {import('./behaviour.js').Refusal} refusal
 * @returns {Promise<never>}
 */
async function refuse(peer, refusal) {
  const { code = '53300', message = 'sorry, too many clients already' } = refusal;
  const fatal = refusal.v2
    ? messages.v2Error(message)
    : messages.say({ severity: refusal.severity ?? 'FATAL', code, message });
  await peer.send(refusal.thenReady ? Buffer.concat([fatal, messages.READY_FOR_QUERY]) : fatal);
  if (!refusal.keepOpen && !refusal.thenReady) peer.end();
  throw new Over();
}

/** @type {import('./behaviour.js').Said} */
const POSTMASTER_DIED = {
  severity: 'FATAL',
  code: '57P01',
  message: 'terminating connection due to unexpected postmaster exit',
};

const MAY_NOT_ASK = {
  code: '42501',
  message: 'permission denied to set parameter "log_connections"',
};

/** @type {Record<import('./behaviour.js').Fault['how'], (peer: import('./peer.js').Peer) => Promise<void>>} */
const FAULTS = {
  silence: async () => {
    throw new Over();
  },
  close: async (peer) => peer.end(),
  reset: async (peer) => peer.reset(),
  garbage: async (peer) => {
    await peer.send(messages.GARBAGE);
    throw new Over();
  },
  http: async (peer) => {
    await peer.send(messages.HTTP);
    peer.end();
  },
  'huge-length': async (peer) => {
    await peer.send(messages.HUGE_LENGTH);
    throw new Over();
  },
  'endless-notices': async (peer) => {
    for (;;) {
      await peer.send(messages.NOTICE);
      await wait(1);
    }
  },
  'ready-alone': async (peer) => {
    await peer.send(messages.READY_FOR_QUERY);
    throw new Over();
  },
  'query-error': async (peer) => {
    const error = messages.errorResponse('ERROR', '22012', 'division by zero');
    await peer.sendMessages(error, messages.READY_FOR_QUERY);
  },
};

/**
 * Answers requests for encryption until the StartupMessage comes; a client that begins with TLS is met with TLS, as
 * PostgreSQL 17 does.
 *
 * @param {Connection} connection
 * @returns {Promise<string>} The user.
 */
async function readStartup(connection) {
  const { peer, state } = connection;
  if ((await peer.waitForBytes()) === messages.TLS_HANDSHAKE) await startTls(connection);
  for (;;) {
    const { code, body } = await peer.readStartupPacket();
    if (code === messages.SSL_REQUEST) await answerSslRequest(connection);
    else if (code === messages.GSSENC_REQUEST) await peer.send(Buffer.from('N'));
    else if (code === messages.CANCEL_REQUEST) {
      state.counters.cancels += 1;
      peer.end();
    } else if (code >> 16 === 3) return takeParameters(state, body);
    else throw new Error(`protocol ${code >> 16}.${code & 0xffff} asked for`);
  }
}

/** @param {Connection} connection */
async function answerSslRequest(connection) {
  const { peer, state } = connection;
  const { behaviour } = state;
  state.counters.sslRequests += 1;
  await wait(behaviour.sslReplyDelayMs);
  await pass('sslrequest', connection);
  const { sslReply = 'N' } = behaviour;
  const more = sslReply.endsWith('with-more') ? messages.NOTICE : Buffer.alloc(0);
  const isLast = sslReply === 'N-with-fatal';
  const fatal = isLast ? messages.say(POSTMASTER_DIED) : Buffer.alloc(0);
  await peer.send(Buffer.concat([Buffer.from(sslReply.slice(0, 1)), more, fatal]));
  if (isLast) peer.end();
  if (sslReply === 'S') await startTls(connection);
}

/** @param {Connection} connection */
async function startTls(connection) {
  const { peer, state } = connection;
  const { fault, refusal, tlsDelayMs, ignoreAlpn } = state.behaviour;
  if (fault?.at === 'tls' || refusal?.at === 'tls' || tlsDelayMs !== undefined) {
    await peer.waitForBytes();
    await wait(tlsDelayMs);
    await pass('tls', connection);
  }
  peer.startTls(state.secureContext, ignoreAlpn ? [] : ['postgresql']);
}

/**
 * @param {import('./server-state.js').ServerState} state
 * @param {Buffer} body The StartupMessage's.
 * @returns {string} The user.
 */
function takeParameters(state, body) {
  const parameters = messages.parseStartupParameters(body);
  state.counters.startups += 1;
  state.counters.parameters = parameters;
  if (!parameters.user) throw new Error('no user in the StartupMessage');
  return parameters.user;
}

/**
 * From the StartupMessage to ReadyForQuery; what Postgres keeps back until then is kept back.
 *
 * @param {Connection} connection
 * @param {string} user
 */
async function authenticate(connection, user) {
  const { peer, state, serial } = connection;
  const { behaviour, counters } = state;
  await wait(behaviour.startupDelayMs);
  await pass('startup', connection);
  if (behaviour.negotiateProtocolVersion) {
    await peer.sendMessages(messages.NEGOTIATE_PROTOCOL_VERSION);
  }
  const answered = () => pass('auth', connection);
  const final = await login({ peer, state, user, answered });
  if (final === null) return refuseLogin(connection, user);
  const kept = [...final, messages.authentication('ok')];
  if (behaviour.flushAuthenticationOk) await peer.sendMessages(...kept.splice(0));
  const { options = '' } = counters.parameters ?? {};
  if (!mayAsk(behaviour.serverTimes, options)) await refuse(peer, MAY_NOT_ASK);
  await wait(behaviour.readyDelayMs);
  await pass('ready', connection);
  const pid = state.takeBackend(connection);
  const key = behaviour.noBackendKey ? Buffer.alloc(0) : messages.backendKeyData(pid, serial);
  const said = (behaviour.loginNotices ?? []).map(messages.say);
  const more = Object.entries(behaviour.parameters ?? {}).map(([name, value]) =>
    messages.parameterStatus(name, value),
  );
  const told = tellSetup(behaviour.serverTimes, options);
  const first = [...kept, messages.PARAMETERS, ...more, ...said];
  if (behaviour.fault?.at === 'login-notices') {
    await peer.sendMessages(...first.splice(0));
    await pass('login-notices', connection);
  }
  await peer.sendMessages(...first, key, ...told, messages.READY_FOR_QUERY);
  counters.logins += 1;
}

/**
 * @param {Connection} connection
 * @param {string} user
 */
async function refuseLogin({ peer, state }, user) {
  state.counters.badLogins += 1;
  const message = `password authentication failed for user "${user}"`;
  await refuse(peer, { code: '28P01', message });
}

/**
 * Until Terminate; the extended protocol is answered with an error.
 *
 * @param {Connection} connection
 */
async function serveQueries(connection) {
  const { peer, state } = connection;
  const { cutAfterMs } = state.behaviour;
  const { cutWith = STOPPED } = state.behaviour;
  const cut = () => void cutLater(peer, cutWith, 0);
  state.cuts.add(cut);
  if (cutAfterMs !== undefined) cutLater(peer, cutWith, cutAfterMs);
  try {
    await answerQueries(connection);
  } finally {
    state.cuts.delete(cut);
    state.releaseBackend(connection);
  }
}

/** @param {Connection} connection */
async function answerQueries(connection) {
  const { peer } = connection;
  for (;;) {
    const { type, body } = await readQuery(connection);
    if (type === 'X') return;
    if (type === 'Q') await answerQuery(connection, body.toString('utf8', 0, body.length - 1));
    else if (type === 'S') {
      const error = messages.errorResponse('ERROR', '0A000', 'only simple queries are answered');
      await peer.sendMessages(error, messages.READY_FOR_QUERY);
    } else if (!'PBDECHF'.includes(type)) throw new Error(`message ${type} after ReadyForQuery`);
  }
}

/**
 * The next message; a client that goes without Terminate is counted.
 *
 * @param {Connection} connection
 */
async function readQuery({ peer, state }) {
  try {
    return await peer.readMessage();
  } catch (error) {
    if (error instanceof Over && !peer.ended) state.counters.abandoned += 1;
    throw error;
  }
}

/** @param {Connection} connection @param {string} text */
async function answerQuery(connection, text) {
  const { peer, state } = connection;
  const { behaviour } = state;
  state.counters.queries += 1;
  await wait(behaviour.queryDelayMs);
  if (!(await pass('query', connection))) return;
  const said = (behaviour.queryNotices ?? []).map(messages.say);
  // What stands before the last statement sets limits on time.
  const question = text.split('; ').at(-1) ?? text;
  await peer.sendMessages(...said, chooseAnswer(connection, question));
}

/** @param {Connection} connection @param {string} text @returns {Buffer} */
function chooseAnswer({ peer, state, serial }, text) {
  const { answers = {}, tables = {} } = state.behaviour;
  const known = Object.entries(answers).find(([piece]) => text.includes(piece))?.[1];
  if (known !== undefined) return messages.textRow(known);
  const rows = Object.entries(tables).find(([piece]) => text.includes(piece))?.[1];
  if (rows !== undefined) return messages.table(rows);
  const backend = state.backendOf(serial);
  const isTold = backend !== undefined || state.behaviour.serverTimes !== undefined;
  if (isTold && text.includes('inet_client_port')) {
    return messages.portRow(seePort(peer.clientPort, state.behaviour));
  }
  return answer(backend?.tell() ?? tellTimes(state, serial), backend?.pid ?? serial, text);
}

/**
 * @param {number | null} port The client's. @param {import('./behaviour.js').Behaviour} behaviour
 * @returns {number | null}
 */
function seePort(port, { seenPort, handsOnBackends }) {
  if (seenPort === 'none') return null;
  const isAnother = seenPort === 'another' || handsOnBackends === true;
  return isAnother ? ((port ?? 0) % 65_535) + 1 : port;
}

/** @param {Connection['state']} state @param {number} serial */
function tellTimes({ behaviour }, serial) {
  const { serverTimes, spareFirst = 0 } = behaviour;
  if (serverTimes?.lateAgeMs === undefined || serial <= spareFirst) return serverTimes;
  return { ...serverTimes, ageMs: serverTimes.lateAgeMs };
}

/** @type {import('./behaviour.js').Said} */
const STOPPED = {
  severity: 'FATAL',
  code: '57P01',
  message: 'terminating connection due to administrator command',
};

/** @param {import('./peer.js').Peer} peer @param {import('./behaviour.js').Said} said @param {number} ms */
async function cutLater(peer, said, ms) {
  await wait(ms);
  try {
    await peer.send(messages.say(said));
    peer.end();
  } catch (error) {
    if (!(error instanceof Over)) throw error;
  }
}
