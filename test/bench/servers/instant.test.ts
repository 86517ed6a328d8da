import pg from 'pg';
import { expect, it } from 'vitest';
import { startKnownServer, waitForCounters } from '../../support/servers/known-server.ts';
import {
  endsReady,
  open,
  QUERY,
  read,
  SSL_REQUEST,
  STARTUP,
  TERMINATE,
  untilEnd,
  writeByByte,
} from '../../support/servers/raw-client.ts';
import { buildCClient, runCClient } from '../parties/c-client.js';
import { startCompiledServer, startInstantServer } from './instant.js';

// Without a compiler both rows are the one in Node.
it.each(['C', 'Node', 'TLS'] as const)(
  'the instant server in %s logs in and answers queries',
  async (kind) => {
    const server = await startInstantServer(kind);
    try {
      const ssl = kind === 'TLS' && { rejectUnauthorized: false };
      const client = new pg.Client({ connectionString: server.url, ssl });
      await client.connect();
      expect((await client.query('SELECT 1')).rows).toEqual([{ '?column?': 1 }]);
      await client.end();
    } finally {
      await server.stop();
    }
  },
);

it('the instant server in C takes messages in pieces, and several in one', async ({ skip }) => {
  const server = await startCompiledServer();
  if (typeof server === 'string') return skip(server);
  try {
    const socket = await open(server.port);
    await writeByByte(socket, SSL_REQUEST);
    expect(await read(socket, () => true)).toBe('N');
    await writeByByte(socket, STARTUP);
    expect(await read(socket, endsReady)).toMatch(/^R/);
    await writeByByte(socket, QUERY);
    expect(await read(socket, endsReady)).toMatch(/^T.*SELECT 1/);
    socket.write(Buffer.concat([QUERY, QUERY, TERMINATE]));
    expect((await read(socket, untilEnd)).match(/SELECT 1/g)).toHaveLength(2);
  } finally {
    await server.stop();
  }
});

it('the client in C counts who was let in and who was not', async ({ skip }) => {
  const client = buildCClient();
  const server = await startInstantServer();
  const full = await startKnownServer({ refuseEvery: 2 });
  try {
    skip(client.obstacle !== null, client.obstacle ?? '');
    const load = { connects: 200, ratePerSecond: 1000 };
    const run = (url: string) => runCClient(client.program, { url, ...load });
    expect(await run(server.url)).toMatchObject({ ready: 200, failed: 0 });
    expect(await run(full.url)).toMatchObject({ ready: 100, failed: 100 });
    await waitForCounters(full, ({ terminates, open }) => terminates === 100 && open === 0);
    await full.stop();
    expect(await run(full.url)).toMatchObject({ ready: 0, failed: 200 });
  } finally {
    await Promise.all([server.stop(), full.stop()]);
    client.remove();
  }
});
