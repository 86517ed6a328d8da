// @ts-check

import * as messages from './messages.js';

/** What a server with `serverTimes` tells of itself. */

/** @typedef {import('./behaviour.js').ServerTimes} ServerTimes */

/**
 * Whether a client may ask for the setup notice as its startup options do.
 *
 * @param {ServerTimes | undefined} times @param {string} options
 */
export function mayAsk(times, options) {
  return times?.forbidden !== true || !options.includes('log_connections');
}

/** @param {ServerTimes | undefined} times @param {string} options @returns {Buffer[]} */
export function tellSetup(times, options) {
  if (times === undefined || !options.includes('client_min_messages=log')) return [];
  return [messages.setupNotice(times)];
}

/**
 * The answer to a query, ReadyForQuery included.
 *
 * @param {ServerTimes | undefined} times @param {number} pid The backend's. @param {string} query @returns {Buffer}
 */
export function answer(times, pid, query) {
  if (times === undefined) return messages.ONE_ROW;
  if (query.startsWith('SELECT pg_backend_pid()')) return messages.pidRow(pid);
  if (!query.includes('backend_start')) return messages.ONE_ROW;
  if (times.ageMs !== undefined) return messages.ageRow(times.ageMs * 1000);
  const error = messages.errorResponse('ERROR', '42501', 'permission denied for function');
  return Buffer.concat([error, messages.READY_FOR_QUERY]);
}
