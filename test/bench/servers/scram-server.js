// @ts-check

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { errorResponse, saslMechanisms } from '../../support/servers/known/messages.js';
import { createVerifier } from '../../support/servers/known/scram.js';
import { hex, startCompiledServer } from './instant.js';

const MAIN = fileURLToPath(new URL('../../support/servers/known/main.js', import.meta.url));
const USER = 'storm';
const PASSWORD = 'secret';
/** As Postgres has them by default (`scram_iterations`). */
const ITERATIONS = 4096;

/**
 * `obstacle` says why it is not the one in C; null where it is.
 *
 * @typedef {{ url: string, port: number, kind: 'C' | 'Node', obstacle: string | null, stop: () => Promise<void> }} ScramServer
 */

/**
 * A server that checks SCRAM as Postgres does, and does nothing else: in a process of its own, it forks no backend and
 * leaves the CPUs to the client. In C where a compiler for Linux is there, else in Node, which gives out near 2,500
 * connects a second on two cores shared with the client.
 *
 * @param {'C' | 'Node'} [wanted] Default C.
 * @returns {Promise<ScramServer>}
 */
export async function startScramServer(wanted = 'C') {
  const compiled =
    wanted === 'C' ? await startCompiledServer(await describeScram()) : 'wanted in Node';
  const isCompiled = typeof compiled !== 'string';
  const { port, stop } = isCompiled ? compiled : await startInNode();
  return {
    port,
    stop,
    url: `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/storm`,
    kind: isCompiled ? 'C' : 'Node',
    obstacle: isCompiled ? null : compiled,
  };
}

/** The arguments of instant-server.c. */
async function describeScram() {
  const { salt, iterations, storedKey, serverKey } = await createVerifier(PASSWORD, ITERATIONS);
  const refusal = `password authentication failed for user "${USER}"`;
  return [
    hex(saslMechanisms(['SCRAM-SHA-256'])),
    hex(errorResponse('FATAL', '28P01', refusal)),
    hex(errorResponse('FATAL', '08P01', 'malformed SCRAM message')),
    salt.toString('base64'),
    `${iterations}`,
    hex(storedKey),
    hex(serverKey),
  ];
}

async function startInNode() {
  const child = fork(MAIN, [JSON.stringify({ auth: 'scram-sha-256', password: PASSWORD })]);
  const [{ port }] = await once(child, 'message');
  return {
    port,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
  };
}
