// @ts-check

import { measureConnstorm } from './connstorm.js';
import { alternate } from './figures.js';
import { startInstantServer } from './instant.js';
import { measureLoop } from './pg-driver.js';
import { measurePgbench } from './pgbench.js';
import { compare, withoutRival } from './rows.js';

const ROUNDS = 5;
const GOAL = 0.8;
/** Below what the server's handshakes leave one of two cores for: it is nobody's rival. */
const RATE = 300;
const SECONDS = 18;
const CONNECTS = RATE * SECONDS;
/** It compiles nothing while it runs. */
const RIVAL_CONNECTS = 2000;

/**
 * The CPU of a connect with a full TLS handshake, nothing verified (sslmode=require), beside libpq's and a bare
 * pg.Client's against the same server: an instant one, in a process of its own that is not counted. A real one would have
 * the two cores to itself. Unlike Postgres it sends TLS 1.3's two session tickets, which Node has no way to switch off;
 * every client reads them, and Node makes a session of each.
 *
 * @param {{ pgbench: string | null }} bench
 * @returns {Promise<import('./figures.js').Row[]>}
 */
export async function benchTls({ pgbench }) {
  const server = await startInstantServer('TLS');
  try {
    return await measureAll(server.url, pgbench);
  } finally {
    await server.stop();
  }
}

/** @param {string} url @param {string | null} pgbench */
async function measureAll(url, pgbench) {
  const storm = {
    url,
    ratePerSecond: RATE,
    durationS: SECONDS,
    sslmode: /** @type {const} */ ('require'),
  };
  const load = { rate: RATE, connects: CONNECTS };
  const rival = { url, connects: RIVAL_CONNECTS, gss: false, tls: true };
  const values = await alternate(
    {
      ours: async () => (await measureConnstorm(storm)).cpuUsPerConnect,
      pgbench: async () =>
        pgbench === null ? Number.NaN : (await measurePgbench(pgbench, rival)).cpuUsPerConnect,
      paced: async () =>
        pgbench === null
          ? Number.NaN
          : (await measurePgbench(pgbench, { ...rival, ratePerSecond: RATE })).cpuUsPerConnect,
      client: () => measureLoop('bare', `${url}?sslmode=require`, load),
    },
    ROUNDS,
  );
  const what = `CPU per connect and close, TLS, trust, ${RATE}/s`;
  const ours = { what, ours: values.ours, unit: 'us' };
  const besideClient = compare({ ...ours, rival: values.client, name: 'bare pg.Client' });
  if (pgbench === null) return [withoutRival(what, values.ours, 'us'), besideClient];
  return [
    compare({ ...ours, rival: values.pgbench, name: 'pgbench -C, no GSS', goal: GOAL }),
    compare({ ...ours, rival: values.paced, name: `pgbench -C -R ${RATE}, no GSS` }),
    besideClient,
  ];
}
