import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock, readMonotonicUs } from '../clock.ts';
import { Attempt, type AttemptSink, type ConnectionPlan } from './driver.ts';
import type { DriverClass } from './drivers.ts';
import { type Endpoint, isUnixSocket } from './endpoint.ts';
import { SSL_YES } from './protocol/ssl-reply.ts';

/** Enough for the first compilation of the code that an attempt runs; a few milliseconds in all. */
const ROUNDS = 30;

/**
 * Opens some connections to a listener of this thread's own. It closes them at once, or, if the storm may use TLS, at
 * the beginning of the handshake. The first attempts of a storm then do not measure how Node loads and compiles their
 * code. The target sees nothing of it.
 */
export async function warmUp(
  Driver: DriverClass,
  endpoint: Endpoint,
  plan: ConnectionPlan,
): Promise<void> {
  const speaksTls = endpoint.sslmode !== 'disable';
  const listener = createServer((socket) => {
    socket.on('error', () => {});
    if (speaksTls) socket.once('data', () => socket.end(Buffer.of(SSL_YES)));
    else socket.end();
  });
  const listening = await listen(listener, isUnixSocket(endpoint.address));
  // Leaves out certificates and direct TLS, which the listener cannot answer.
  const { tls: _, ...plain } = endpoint;
  const own: Endpoint = { ...plain, ...listening, sslmode: speaksTls ? 'require' : 'disable' };
  let over = (): void => {};
  const sink: AttemptSink = {
    ready: () => {},
    firstQuery: () => {},
    usable: () => {},
    backendAge: () => {},
    failed: () => over(),
    cancelled: () => over(),
    abandoned: () => over(),
    connectionEnded: () => over(),
    turned: () => {},
  };
  // The listener is on loopback, which the plan's addresses may not reach.
  const ownPlan = { ...plan, localAddresses: [] };
  const driver = new Driver(own, ownPlan, sink, createClock(readMonotonicUs()));
  for (let round = 0; round < ROUNDS; round++) {
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    driver.open(new Attempt(0, round, 0, 0));
    await ended;
  }
  listener.close();
}

/**
 * Listens where the storm will connect: on loopback, or at a Unix socket in the temporary folder, if it permits one.
 */
async function listen(
  listener: Server,
  byUnixSocket: boolean,
): Promise<Pick<Endpoint, 'address' | 'port'>> {
  const path = join(tmpdir(), `connstorm-${randomBytes(8).toString('hex')}.sock`);
  if (byUnixSocket && (await opens(listener.listen(path)))) return { address: path, port: 0 };
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return { address: '127.0.0.1', port };
}

async function opens(listener: Server): Promise<boolean> {
  return once(listener, 'listening').then(
    () => true,
    () => false,
  );
}
