// @ts-check

import { measureConnstorm } from './connstorm.js';
import { alternate } from './figures.js';
import { FAST, PACED, UNPACED } from './paces.js';
import { measurePgbench } from './pgbench.js';
import { compare, withoutRival } from './rows.js';

/** @typedef {import('./figures.js').Row} Row */

const ROUNDS = 5;
const CACHED_GOAL = 1 / 20;
const UNCACHED_GOAL = 0.5;
/** At a real server on the same cores. */
const REAL_GOAL = 1 / 15;
/** What two cores serve beside us: of a storm that they do not, each connect pays for the pacing of many dropped arrivals. */
const CACHED = { ratePerSecond: 120, durationS: 30, maxInFlight: 200 };
/** Each costs milliseconds of ours, on the same cores. */
const UNCACHED = { ratePerSecond: 60, durationS: 15, maxInFlight: 50 };
const RIVAL_CONNECTS = 500;

const WHAT = `CPU per SCRAM connect, cached, ${CACHED.ratePerSecond}/s`;
const WHAT_UNCACHED = `CPU per SCRAM connect, no cache, ${UNCACHED.ratePerSecond}/s`;
const TRUST = `connstorm, trust, ${CACHED.ratePerSecond}/s`;

/** The rival never waits, so it is measured at its own rate: here 190 to 300/s, as the hour has it. */
const ALONE_UNCACHED = { ratePerSecond: 300, durationS: 12 };
/**
 * Of what was offered once connstorm was warm: below, the server or the machine has given out, and the row says so. In
 * its first two seconds at 4,000/s, while V8 compiles, connstorm itself drops some hundreds to 2,000.
 */
const SERVED = 0.95;

/**
 * The client alone: against a server that does nothing but check the proof.
 *
 * @param {{ scramUrl: string, pgbench: string | null }} bench @returns {Promise<Row[]>}
 */
export async function benchScram({ scramUrl: url, pgbench }) {
  const unpaced = createMeasure('cached', { url, ...UNPACED });
  const fast = createMeasure('cached', { url, ...FAST });
  const paced = createMeasure('cached', { url, ...PACED });
  const uncached = createMeasure('no cache', { url, ...ALONE_UNCACHED, scramCache: false });
  const rival = async () =>
    pgbench === null
      ? Number.NaN
      : (await measurePgbench(pgbench, { url, connects: RIVAL_CONNECTS })).cpuUsPerConnect;
  const values = await alternate(
    { unpaced: unpaced.run, paced: paced.run, fast: fast.run, rival, uncached: uncached.run },
    ROUNDS,
  );
  const rows = [
    { what: unpaced.describe(), ours: values.unpaced, goal: CACHED_GOAL },
    { what: fast.describe(), ours: values.fast, goal: CACHED_GOAL },
    { what: paced.describe(), ours: values.paced, goal: undefined },
    { what: uncached.describe(), ours: values.uncached, goal: UNCACHED_GOAL },
  ];
  return pgbench === null
    ? rows.map(({ what, ours }) => withoutRival(what, ours, 'us'))
    : rows.map((row) => compare({ ...row, rival: values.rival, name: 'pgbench -C', unit: 'us' }));
}

/** @param {string} cache @param {import('./connstorm.js').Storm} storm */
function createMeasure(cache, storm) {
  const { ratePerSecond, clients } = storm;
  let lowest = Number.POSITIVE_INFINITY;
  return {
    run: async () => {
      const measured = await measureConnstorm(storm);
      lowest = Math.min(lowest, measured.ratePerSecond);
      return measured.cpuUsPerConnect;
    },
    describe: () => {
      const pace = ratePerSecond === undefined ? `${clients} clients` : `${ratePerSecond}/s`;
      const isShort = ratePerSecond !== undefined && lowest < SERVED * ratePerSecond;
      const short = isShort ? `, only ${lowest.toFixed(0)}/s served` : '';
      return `CPU per SCRAM connect, ${cache}, ${pace}, instant server${short}`;
    },
  };
}

/**
 * Against a real server, which takes what our client leaves of the two cores: a connect then costs everybody several
 * times what it costs on a machine of its own, and the kernel's share is shown beside the whole.
 *
 * @param {{ startLab: (auth: 'scram-sha-256' | 'trust') => Promise<string>, pgbench: string | null }} bench
 * @returns {Promise<Row[]>}
 */
export async function benchScramAtLab({ startLab, pgbench }) {
  const url = await startLab('scram-sha-256');
  const trustUrl = await startLab('trust');
  /** @type {{ ours: number[], theirs: number[] }} */
  const kernel = { ours: [], theirs: [] };
  const measures = {
    cached: async () => {
      const { cpuUsPerConnect, kernelUsPerConnect } = await measureConnstorm({ url, ...CACHED });
      kernel.ours.push(kernelUsPerConnect);
      return cpuUsPerConnect;
    },
    uncached: async () =>
      (await measureConnstorm({ url, ...UNCACHED, scramCache: false })).cpuUsPerConnect,
    trust: async () => (await measureConnstorm({ url: trustUrl, ...CACHED })).cpuUsPerConnect,
  };
  const ours = (/** @type {number[]} */ values) => ({ what: WHAT, ours: values, unit: 'us' });
  if (pgbench === null) {
    const values = await alternate(measures, ROUNDS);
    return [
      withoutRival(WHAT, values.cached, 'us'),
      withoutRival(WHAT_UNCACHED, values.uncached, 'us'),
      compare({ ...ours(values.cached), rival: values.trust, name: TRUST }),
    ];
  }
  const rival = async () => {
    const { cpuUsPerConnect, kernelUsPerConnect } = await measurePgbench(pgbench, {
      url,
      connects: RIVAL_CONNECTS,
    });
    kernel.theirs.push(kernelUsPerConnect);
    return cpuUsPerConnect;
  };
  const values = await alternate({ ...measures, rival }, ROUNDS);
  const against = { rival: values.rival, name: 'pgbench -C', unit: 'us' };
  return [
    compare({ what: WHAT, ours: values.cached, ...against, goal: REAL_GOAL }),
    compare({ ...against, what: '  of it in the kernel', ours: kernel.ours, rival: kernel.theirs }),
    compare({ what: WHAT_UNCACHED, ours: values.uncached, ...against }),
    compare({ ...ours(values.cached), rival: values.trust, name: TRUST }),
  ];
}
