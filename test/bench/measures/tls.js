// @ts-check

import { measureConnstorm } from '../parties/connstorm.js';
import { measureRow } from '../parties/parties.js';
import { pgbenchRival } from '../parties/pgbench.js';
import { startInstantServer } from '../servers/instant.js';
import { bareClient } from './pg-driver.js';

const ROUNDS = 5;
const GOAL = 0.8;
/** Below what the server's handshakes leave one of two cores for: it is nobody's rival. */
const RATE = 300;
/** Seconds. */
const LENGTHS = { short: 6, long: 18 };
const CLIENT_LENGTHS = { short: RATE * LENGTHS.short, long: RATE * LENGTHS.long };
/** It compiles nothing while it runs. */
const RIVAL_LENGTHS = { short: 500, long: 2500 };

/**
 * The CPU of a connect with a full TLS handshake, nothing verified (sslmode=require), beside libpq's and a bare
 * pg.Client's against the same server: an instant one, in a process of its own that is not counted. A real one would have
 * the two cores to itself. Unlike Postgres it sends TLS 1.3's two session tickets, which Node has no way to switch off;
 * every client reads them, and Node makes a session of each.
 *
 * @param {import('../benchmarks.js').Bench} bench
 * @returns {AsyncGenerator<import('../output/rows.js').Row>}
 */
export async function* benchTls(bench) {
  const server = await startInstantServer('TLS');
  try {
    yield await measureAll(bench, server.url);
  } finally {
    await server.stop();
  }
}

/** @param {import('../benchmarks.js').Bench} bench @param {string} url */
function measureAll(bench, url) {
  const storm = { url, ratePerSecond: RATE, sslmode: /** @type {const} */ ('require') };
  const rival = { url, gss: false, tls: true, lengths: RIVAL_LENGTHS };
  return measureRow(bench, {
    what: `CPU per connect and close, TLS, trust, ${RATE}/s`,
    unit: 'us',
    rounds: ROUNDS,
    ratePerSecond: RATE,
    ours: (build) => measureConnstorm(build, storm, bench.plan.lengths(LENGTHS)),
    rivals: [
      pgbenchRival(bench, { ...rival, name: 'pgbench -C, no GSS', goal: GOAL }),
      pgbenchRival(bench, {
        ...rival,
        name: `pgbench -C -R ${RATE}, no GSS`,
        ratePerSecond: RATE,
      }),
      bareClient({
        url: `${url}?sslmode=require`,
        rate: RATE,
        lengths: bench.plan.lengths(CLIENT_LENGTHS),
      }),
    ],
  });
}
