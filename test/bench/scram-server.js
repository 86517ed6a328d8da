// @ts-check

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../support/server/main.js', import.meta.url));
const PASSWORD = 'secret';

/**
 * A server that checks SCRAM as Postgres does, and does nothing else: in a process of its own, it forks no backend and
 * leaves the CPUs to the client.
 *
 * @returns {Promise<{ url: string, stop: () => void }>}
 */
export async function startScramServer() {
  const child = fork(MAIN, [JSON.stringify({ auth: 'scram-sha-256', password: PASSWORD })]);
  const [{ port }] = await once(child, 'message');
  return {
    url: `postgresql://storm:${PASSWORD}@127.0.0.1:${port}/storm`,
    stop: () => {
      child.kill();
    },
  };
}
