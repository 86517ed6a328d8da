// @ts-check

import { createServer } from 'node:net';
import { createCounters } from './behaviour.js';
import { converse } from './conversation.js';
import { Peer } from './peer.js';
import { ServerState } from './server-state.js';

/** The kernel takes at most net.core.somaxconn. */
const BACKLOG = 4096;
/** Of a server that listens on a Unix socket: it gives the socket its name. */
const SOCKET_PORT = 5432;

/**
 * @typedef {object} ListeningServer
 * @property {number} port
 * @property {import('./behaviour.js').Counters} counters
 * @property {() => number} cutAll As pg_terminate_backend of everybody: how many there were.
 * @property {(how: 'refuse' | 'close') => void} fill From now on every new connection is refused, or closed without a word.
 * @property {(next: import('./behaviour.js').Behaviour) => void} change What it does from now on.
 * @property {() => Promise<void>} close As if its process was killed: nobody is told anything.
 */

/**
 * Starts a server of known behaviour; resolves when it listens.
 *
 * @param {import('./behaviour.js').Behaviour} behaviour @returns {Promise<ListeningServer>}
 */
export async function listen(behaviour) {
  const counters = createCounters();
  const state = new ServerState(behaviour, counters);
  await state.createVerifier();
  counters.derivations = 0;
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  /** @type {Set<string>} */
  const ports = new Set();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    counters.accepted += 1;
    counters.open += 1;
    const { remoteAddress = '', remotePort } = socket;
    counters.peers[remoteAddress] = (counters.peers[remoteAddress] ?? 0) + 1;
    counters.ports = ports.add(`${remoteAddress} ${remotePort}`).size;
    counters.maxOpen = Math.max(counters.maxOpen, counters.open);
    socket.on('close', () => {
      sockets.delete(socket);
      counters.open -= 1;
    });
    const peer = new Peer(socket, behaviour);
    converse({ peer, state, serial: counters.accepted });
  });
  return {
    port: await bind(server, behaviour),
    counters,
    cutAll: () => {
      const cuts = [...state.cuts];
      for (const cut of cuts) cut();
      return cuts.length;
    },
    fill: (how) => {
      state.full = how;
    },
    change: (next) => {
      Object.assign(behaviour, next);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * @param {import('node:net').Server} server @param {import('./behaviour.js').Behaviour} behaviour
 * @returns {Promise<number>}
 */
function bind(server, { socketFolder, backlog = BACKLOG }) {
  const where =
    socketFolder === undefined
      ? { host: '127.0.0.1', port: 0 }
      : { path: `${socketFolder}/.s.PGSQL.${SOCKET_PORT}` };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ ...where, backlog }, () => {
      const address = server.address();
      resolve((typeof address === 'object' ? address?.port : undefined) ?? SOCKET_PORT);
    });
  });
}
