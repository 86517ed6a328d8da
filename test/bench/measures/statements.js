// @ts-check

import { createRow } from '../output/rows.js';
import { runConnstorm } from '../parties/connstorm.js';
import { measureParties } from '../parties/parties.js';

/** @typedef {import('../benchmarks.js').Bench} Bench @typedef {import('../output/rows.js').Row} Row */

const ROUNDS = 9;
/** Far below what the server takes, so that no connect waits for another one. */
const RATE = 20;
const SECONDS = 4;
const STATEMENTS = JSON.stringify(['SELECT 1']);

/**
 * What a read-only transaction around each statement costs, which is how statements go to a target unless they may
 * write: the time until usable, and until ready, which it cannot change.
 *
 * @param {Bench} bench @returns {AsyncGenerator<Row>}
 */
export async function* benchStatements(bench) {
  const url = await bench.startLab('trust');
  const parties = await measureParties(bench, {
    rounds: ROUNDS,
    ratePerSecond: RATE,
    ours: (build) => measureUsable(build, url, false),
    rivals: [
      {
        name: 'connstorm, writes: true',
        ratePerSecond: RATE,
        measure: () => measureUsable(bench.build, url, true),
      },
    ],
  });
  const what = `one statement in a read-only transaction, ${RATE}/s, real server`;
  yield createRow(parties, { what: `${what}: until usable, p50`, unit: 'us' });
  yield createRow(parties, {
    what: `${what}: from ready until usable`,
    unit: 'us',
    pick: ({ second }) => second ?? Number.NaN,
  });
}

/**
 * @param {import('../build.js').Build} build @param {string} url @param {boolean} writes
 * @returns {Promise<import('../parties/parties.js').Measured>} Microseconds; `second`: without the connect.
 */
async function measureUsable(build, url, writes) {
  const { usableP50Us, queryP50Us } = await runConnstorm(build, {
    url,
    ratePerSecond: RATE,
    durationS: SECONDS,
    set: {
      'connection.queries': 0,
      'connection.statements': STATEMENTS,
      'connection.writes': writes,
    },
  });
  return { value: usableP50Us, second: queryP50Us, ratePerSecond: RATE };
}
