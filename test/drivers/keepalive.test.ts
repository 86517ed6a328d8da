import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClock, readMonotonicUs } from '../../src/clock.ts';
import { Attempt } from '../../src/drivers/driver.ts';
import {
  DEAF_SINK,
  localEndpoint,
  PLAIN_PLAN,
  TESTED_DRIVERS,
} from '../support/synthetic/open-attempt.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that takes what it is sent and says nothing, so that its connections are idle. */
async function listen(): Promise<{ port: number; heard: () => boolean }> {
  let heard = false;
  const take = (socket: Socket): void => {
    closing.push(() => socket.destroy());
    socket.on('error', () => {});
    socket.on('data', () => {
      heard = true;
    });
  };
  const server = createServer(take);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return { port: (server.address() as { port: number }).port, heard: () => heard };
}

/** Of the kernel's timers: https://docs.kernel.org/networking/proc_net_tcp.html */
const KEEPALIVE = '02';
const TICKS_PER_S = 100;

/** Seconds until the kernel's keepalive timer of the socket that connects to `port` goes off; undefined without one. */
function readKeepaliveS(port: number): number | undefined {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, , to, , , timer = ''] = line.trim().split(/\s+/);
    const [kind, ticks = ''] = timer.split(':');
    if (to === remote && kind === KEEPALIVE) return Number.parseInt(ticks, 16) / TICKS_PER_S;
  }
  return undefined;
}

describe.skipIf(!existsSync('/proc/net/tcp'))('keepalives_idle', () => {
  it.each(Object.entries(TESTED_DRIVERS))('is set on each socket of %s', async (_, Driver) => {
    for (const keepaliveIdleS of [undefined, 600]) {
      const { port, heard } = await listen();
      const endpoint = localEndpoint(port, {
        sslmode: 'disable',
        ...(keepaliveIdleS === undefined ? {} : { keepaliveIdleS }),
      });
      const driver = new Driver(endpoint, PLAIN_PLAN, DEAF_SINK, createClock(readMonotonicUs()));
      driver.open(new Attempt(0, 0, 0, 0));
      await expect.poll(heard, { timeout: 4000 }).toBe(true);
      if (keepaliveIdleS === undefined) expect(readKeepaliveS(port)).toBeUndefined();
      else {
        // While sent bytes are not acknowledged another timer stands there.
        const read = () => readKeepaliveS(port) ?? 0;
        await expect.poll(read, { timeout: 4000 }).toBeGreaterThan(500);
        expect(read()).toBeLessThanOrEqual(600);
      }
      driver.cancelAttempts();
    }
  });
});
