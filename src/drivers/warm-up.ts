import { type AddressInfo, createServer } from 'node:net';
import { createClock, readMonotonicUs } from '../clock.ts';
import { Attempt, type AttemptSink, type ConnectionPlan, type Endpoint } from './driver.ts';
import type { DriverClass } from './table.ts';

/** Enough for the first compilation of what an attempt runs through; a few milliseconds in all. */
const ROUNDS = 30;

/**
 * Opens some connections to a listener of this thread's own, which closes them at once, so that the first attempts of
 * a storm do not measure Node loading and compiling their code. The target sees nothing of it. What TCP warms up serves Unix
 * sockets too: their first connects were measured to be no slower.
 */
export async function warmUp(
  Driver: DriverClass,
  endpoint: Endpoint,
  plan: ConnectionPlan,
): Promise<void> {
  const listener = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  // Without certificates and direct TLS: the listener answers nothing at all.
  const { tls: _, ...plain } = endpoint;
  const own: Endpoint = { ...plain, address: '127.0.0.1', port, sslmode: 'require' };
  let over = (): void => {};
  const sink: AttemptSink = {
    ready: () => {},
    firstQuery: () => {},
    backendAge: () => {},
    failed: () => over(),
    cancelled: () => over(),
    abandoned: () => over(),
    connectionEnded: () => over(),
    turned: () => {},
  };
  // The listener is on loopback, where the addresses of a plan may not reach.
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
