// @ts-check

/**
 * Servers of known behaviour, in a process of their own that speaks with its parent over IPC and ends with it: one
 * whose behaviour is the first argument, as JSON, or as many as the parent asks for.
 */

import { listen } from './listen.js';
import { stall } from './wait.js';

/** By the question that each was started by; 0: by the argument. @type {Map<number, import('./listen.js').ListeningServer>} */
const servers = new Map();

process.on('message', async (/** @type {import('./behaviour.js').Command} */ command) => {
  process.send?.(await answer(command));
});
process.on('disconnect', () => process.exit());

const [, , behaviour] = process.argv;
if (behaviour !== undefined) process.send?.(await start(0, JSON.parse(behaviour)));

/**
 * @param {import('./behaviour.js').Command} command @returns {Promise<import('./behaviour.js').Report>}
 */
async function answer(command) {
  const { id } = command;
  if (command.type === 'start') return start(id, command.behaviour);
  if (command.type === 'stall') return { type: 'stalled', id, ms: stall(command.ms) };
  const server = servers.get(command.server);
  if (server === undefined) throw new Error(`there is no server ${command.server}`);
  if (command.type === 'counters') return { type: 'counters', id, counters: server.counters };
  if (command.type === 'cut') return { type: 'cut', id, count: server.cutAll() };
  if (command.type === 'fill') {
    server.fill(command.how);
    return { type: 'filled', id };
  }
  if (command.type === 'change') {
    server.change(command.behaviour);
    return { type: 'changed', id };
  }
  servers.delete(command.server);
  await server.close();
  return { type: 'closed', id };
}

/**
 * @param {number} id @param {import('./behaviour.js').Behaviour} behaviour
 * @returns {Promise<import('./behaviour.js').Report>}
 */
async function start(id, behaviour) {
  const server = await listen(behaviour);
  servers.set(id, server);
  return { type: 'listening', id, port: server.port };
}
