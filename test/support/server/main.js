// @ts-check

/**
 * A server of known behaviour, in a process of its own: forked with its behaviour as JSON in its first
 * argument, it speaks with its parent over IPC and ends with it.
 */

import { createServer } from 'node:net';
import { createCounters } from './behaviour.js';
import { converse } from './conversation.js';
import { Peer } from './peer.js';
import { ServerState } from './server-state.js';
import { stall } from './wait.js';

/** The kernel takes at most net.core.somaxconn. */
const BACKLOG = 4096;
/** Of a server that listens on a Unix socket: it gives the socket its name. */
const SOCKET_PORT = 5432;

const counters = createCounters();
const state = new ServerState(JSON.parse(process.argv[2] ?? '{}'), counters);
await state.createVerifier();
counters.derivations = 0;

const server = createServer({ noDelay: true }, (socket) => {
  counters.accepted += 1;
  counters.open += 1;
  const { remoteAddress = '' } = socket;
  counters.peers[remoteAddress] = (counters.peers[remoteAddress] ?? 0) + 1;
  counters.maxOpen = Math.max(counters.maxOpen, counters.open);
  socket.on('close', () => {
    counters.open -= 1;
  });
  const peer = new Peer(socket, state.behaviour);
  converse({ peer, state, serial: counters.accepted });
});

const { socketFolder, backlog = BACKLOG } = state.behaviour;
const where =
  socketFolder === undefined
    ? { host: '127.0.0.1', port: 0 }
    : { path: `${socketFolder}/.s.PGSQL.${SOCKET_PORT}` };
server.listen({ ...where, backlog }, () => {
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  report({ type: 'listening', port: port ?? SOCKET_PORT });
});

process.on('message', (/** @type {import('./behaviour.js').Command} */ command) => {
  const { id } = command;
  if (command.type === 'counters') report({ type: 'counters', id, counters });
  else if (command.type === 'cut') report({ type: 'cut', id, count: cutAll() });
  else report({ type: 'stalled', id, ms: stall(command.ms) });
});

/** As pg_terminate_backend of everybody: how many there were. */
function cutAll() {
  const cuts = [...state.cuts];
  for (const cut of cuts) cut();
  return cuts.length;
}

process.on('disconnect', () => process.exit());

/** @param {import('./behaviour.js').Report} message */
function report(message) {
  process.send?.(message);
}
