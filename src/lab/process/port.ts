import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that systems give to clients (from 32768 on Linux, 49152 elsewhere): inside them, a client of a
 * server that is down can be given the server's own port, and then connects to itself.
 */
export function chooseRandomPort(): number {
  return randomInt(15_000, 32_768);
}

/** How many ports a server is started on before it counts as one that cannot start. */
export const PORT_ATTEMPTS = 5;

/** Whether nobody listens on a port of 127.0.0.1 now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
