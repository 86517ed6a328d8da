import pg from 'pg';
import { expect, it } from 'vitest';
import { startInstantServer } from './instant.js';

// Without a compiler both rows are the one in Node.
it.each(['C', 'Node'] as const)(
  'the instant server in %s logs in and answers queries',
  async (kind) => {
    const server = await startInstantServer(kind);
    try {
      const client = new pg.Client(server.url);
      await client.connect();
      expect((await client.query('SELECT 1')).rows).toEqual([{ '?column?': 1 }]);
      await client.end();
    } finally {
      await server.stop();
    }
  },
);
