import pg from 'pg';
import { expect, it } from 'vitest';
import { startInstantServer } from '../../../src/lab/instant/instant.ts';

it('the instant server logs in, answers queries and ends', async () => {
  const server = await startInstantServer();
  const client = new pg.Client(`postgresql://storm@127.0.0.1:${server.port}/storm`);
  try {
    await client.connect();
    expect((await client.query('SELECT 1')).rows).toEqual([]);
    await client.end();
  } finally {
    await server.stop();
    await server.stop();
  }
  expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
});
