import { createServer, type Socket } from 'node:net';
import { serialize } from 'pg-protocol';
import { expect, it, onTestFinished } from 'vitest';
import { createClock, readMonotonicUs } from '../../../src/clock.ts';
import { Attempt } from '../../../src/drivers/driver.ts';
import { createStartup, encodeStartup } from '../../../src/drivers/protocol/startup.ts';
import {
  DEAF_SINK,
  localEndpoint,
  PLAIN_PLAN,
  TESTED_DRIVERS,
} from '../../support/synthetic/open-attempt.ts';

it('is the message that pg-protocol writes, which speaks UTF-8', () => {
  const parameters = createStartup(localEndpoint(1, { user: 'ü', options: '-c a=b' }), PLAIN_PLAN);
  const { client_encoding, ...others } = parameters;
  expect(client_encoding).toBe('UTF8');
  expect(encodeStartup(parameters)).toEqual(serialize.startup(others));
});

it('names another encoding once, where the target asks for it', () => {
  const endpoint = localEndpoint(1, { clientEncoding: 'LATIN1' });
  const text = encodeStartup(createStartup(endpoint, PLAIN_PLAN)).toString('latin1');
  expect(text.split('client_encoding')).toHaveLength(2);
  expect(text).toContain('client_encoding\0LATIN1\0');
});

it.each(Object.entries(TESTED_DRIVERS))('is what %s sends', async (_, Driver) => {
  let heard = Buffer.alloc(0);
  const server = createServer((socket: Socket) => {
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard = Buffer.concat([heard, chunk]);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  const endpoint = localEndpoint(port, { sslmode: 'disable', clientEncoding: 'LATIN1' });
  const driver = new Driver(endpoint, PLAIN_PLAN, DEAF_SINK, createClock(readMonotonicUs()));
  driver.open(new Attempt(0, 0, 0, 0));
  const expected = encodeStartup(createStartup(endpoint, PLAIN_PLAN));
  await expect.poll(() => heard.length, { timeout: 4000 }).toBeGreaterThanOrEqual(expected.length);
  expect(heard).toEqual(expected);
  driver.cancelAttempts();
});
