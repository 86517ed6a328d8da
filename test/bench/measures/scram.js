// @ts-check

import { createRow } from '../output/rows.js';
import { FAST, PACED, UNPACED } from '../paces.js';
import { measureConnstorm } from '../parties/connstorm.js';
import { measureParties, measureRow } from '../parties/parties.js';
import { pgbenchRival } from '../parties/pgbench.js';

/** @typedef {import('../benchmarks.js').Bench} Bench @typedef {import('../output/rows.js').Row} Row */

const ROUNDS = 5;
const CACHED_GOAL = 1 / 20;
const UNCACHED_GOAL = 0.5;
/** At a real server on the same cores. */
const REAL_GOAL = 1 / 15;
/** What two cores serve beside us: of a storm that they do not, each connect pays for the pacing of many dropped arrivals. */
const CACHED = { ratePerSecond: 120, maxInFlight: 200 };
const CACHED_LENGTHS = { short: 10, long: 30 };
/** Each costs milliseconds of ours, on the same cores. */
const UNCACHED = { ratePerSecond: 60, maxInFlight: 50, scramCache: false };
const UNCACHED_LENGTHS = { short: 5, long: 17 };
/** The rival never waits, so it is measured at its own rate: here 190 to 300/s, as the hour has it. */
const ALONE_UNCACHED = { ratePerSecond: 300, lengths: { short: 5, long: 12 } };
/** Connects of the rival, of milliseconds each. */
const RIVAL_LENGTHS = { short: 100, long: 600 };

/**
 * The client alone: against a server that does nothing but check the proof.
 *
 * @param {Bench} bench @returns {AsyncGenerator<Row>}
 */
export async function* benchScram(bench) {
  yield await benchAlone(bench, UNPACED, CACHED_GOAL);
  if (bench.plan.isQuick) return;
  yield await benchAlone(bench, FAST, CACHED_GOAL);
  yield await benchAlone(bench, PACED, undefined);
  yield await benchAlone(bench, { ...ALONE_UNCACHED, scramCache: false }, UNCACHED_GOAL);
}

/**
 * @param {Bench} bench
 * @param {{ ratePerSecond?: number, clients?: number, lengths: import('../plan.js').Lengths, scramCache?: boolean }} pace
 * @param {number | undefined} goal
 */
function benchAlone(bench, { lengths, ...load }, goal) {
  const { ratePerSecond, clients, scramCache = true } = load;
  const at = ratePerSecond === undefined ? `${clients} clients` : `${ratePerSecond}/s`;
  const url = bench.scramUrl;
  const storm = { url, ...load };
  return measureRow(bench, {
    what: `CPU per SCRAM connect, ${scramCache ? 'cached' : 'no cache'}, ${at}, instant server`,
    unit: 'us',
    rounds: ROUNDS,
    ratePerSecond,
    ours: (build) => measureConnstorm(build, storm, bench.plan.lengths(lengths)),
    rivals: [pgbenchRival(bench, { url, name: 'pgbench -C', lengths: RIVAL_LENGTHS, goal })],
  });
}

/**
 * Against a real server, which takes what our client leaves of the two cores: a connect then costs everybody several
 * times what it costs on a machine of its own, and the kernel's share is shown beside the whole.
 *
 * @param {Bench} bench @returns {AsyncGenerator<Row>}
 */
export async function* benchScramAtLab(bench) {
  const { startLab, plan, build } = bench;
  const url = await startLab('scram-sha-256');
  const trustUrl = await startLab('trust');
  const { ratePerSecond } = CACHED;
  const lengths = plan.lengths(CACHED_LENGTHS);
  const rival = pgbenchRival(bench, { url, name: 'pgbench -C', lengths: RIVAL_LENGTHS });
  const parties = await measureParties(bench, {
    rounds: ROUNDS,
    ratePerSecond,
    ours: (of) => measureConnstorm(of, { url, ...CACHED }, lengths),
    rivals: [
      { ...rival, goal: REAL_GOAL },
      {
        name: `connstorm, trust, ${ratePerSecond}/s`,
        ratePerSecond,
        measure: () => measureConnstorm(build, { url: trustUrl, ...CACHED }, lengths),
      },
    ],
  });
  const what = `CPU per SCRAM connect, cached, ${ratePerSecond}/s, real server`;
  yield createRow(parties, { what, unit: 'us' });
  yield createRow(withoutGoals(parties), {
    what: `${what}: of it in the kernel`,
    unit: 'us',
    pick: ({ second }) => second ?? Number.NaN,
  });
  yield await measureRow(bench, {
    what: `CPU per SCRAM connect, no cache, ${UNCACHED.ratePerSecond}/s, real server`,
    unit: 'us',
    rounds: ROUNDS,
    ratePerSecond: UNCACHED.ratePerSecond,
    ours: (of) => measureConnstorm(of, { url, ...UNCACHED }, plan.lengths(UNCACHED_LENGTHS)),
    rivals: [rival],
  });
}

/** @param {import('../output/rows.js').Parties} parties @returns {import('../output/rows.js').Parties} */
function withoutGoals(parties) {
  return { ...parties, rivals: parties.rivals.map((rival) => ({ ...rival, goal: undefined })) };
}
