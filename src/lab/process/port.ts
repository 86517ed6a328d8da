import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Returns a random port below those that systems give to clients (from 32768 on Linux, 49152 elsewhere). In that range,
 * a client of a server that is down can get the server's own port, and then connects to itself.
 */
export function chooseRandomPort(): number {
  return randomInt(15_000, 32_768);
}

/** The number of ports on which a server is tried before it counts as one that cannot start. */
export const PORT_ATTEMPTS = 5;

/** Returns whether a port of 127.0.0.1 is free now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
