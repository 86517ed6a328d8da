import pg from 'pg';
import { expect, it } from 'vitest';
import { startKnownServer, waitForCounters } from '../support/known-server.ts';
import { buildCClient, runCClient } from './c-client.js';
import { startInstantServer } from './instant.js';

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
