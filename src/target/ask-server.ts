import type pg from 'pg';
import { readMonotonicUs } from '../clock.ts';
import { createSideClient } from '../drivers/side-client.ts';
import type { Target } from './target.ts';

/** What a login showed and another connection to the same server needs: e.g. `TLSv1.3 ...`; null without TLS. */
export interface KnownLogin {
  tls: string | null;
}

/**
 * What `ask` resolves with, over one connection of the pg library that began to connect at `sinceUs` of the monotonic clock;
 * undefined where that or `ask` fails.
 */
export async function askServer<T>(
  target: Target,
  login: KnownLogin,
  timeoutUs: number,
  ask: (client: pg.Client, sinceUs: number) => Promise<T>,
): Promise<T | undefined> {
  const { client, end } = createSideClient(target, login.tls !== null, timeoutUs);
  const sinceUs = readMonotonicUs();
  try {
    await client.connect();
    return await ask(client, sinceUs);
  } catch {
    return undefined;
  } finally {
    await end();
  }
}

/** No rows where the query fails: the target is inspected as far as it goes. */
export async function query<Row extends pg.QueryResultRow>(
  client: pg.Client,
  text: string,
): Promise<Row[]> {
  try {
    return (await client.query<Row>(text)).rows;
  } catch {
    return [];
  }
}
