// @ts-check

import { measureConnstorm } from './connstorm.js';
import { alternate } from './figures.js';
import { measurePgbench } from './pgbench.js';
import { compare, withoutRival } from './rows.js';
import { startScramServer } from './scram-server.js';

/** @typedef {import('./figures.js').Row} Row */

const ROUNDS = 3;
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

/** As fast as the trust row is beside its rival: a wake-up of the client then serves several connects. */
const ALONE_FAST = { ratePerSecond: 2000, durationS: 9 };
/** Here each of a login's round trips wakes a sleeping process. */
const ALONE = { ratePerSecond: 1000, durationS: 9 };
const ALONE_UNCACHED = { ratePerSecond: 150, durationS: 12 };

/**
 * The client alone: against a server that does nothing but check the proof.
 *
 * @param {{ pgbench: string | null }} bench @returns {Promise<Row[]>}
 */
export async function benchScram({ pgbench }) {
  const { url, stop } = await startScramServer();
  const rival = async () =>
    pgbench === null
      ? Number.NaN
      : (await measurePgbench(pgbench, { url, connects: RIVAL_CONNECTS })).cpuUsPerConnect;
  try {
    const values = await alternate(
      {
        fast: async () => (await measureConnstorm({ url, ...ALONE_FAST })).cpuUsPerConnect,
        cached: async () => (await measureConnstorm({ url, ...ALONE })).cpuUsPerConnect,
        uncached: async () =>
          (await measureConnstorm({ url, ...ALONE_UNCACHED, scramCache: false })).cpuUsPerConnect,
        rival,
      },
      ROUNDS,
    );
    const fast = `CPU per SCRAM connect, cached, ${ALONE_FAST.ratePerSecond}/s, instant server`;
    const cached = `CPU per SCRAM connect, cached, ${ALONE.ratePerSecond}/s, instant server`;
    const uncached = `CPU per SCRAM connect, no cache, ${ALONE_UNCACHED.ratePerSecond}/s, instant server`;
    if (pgbench === null) {
      return [
        withoutRival(fast, values.fast, 'us'),
        withoutRival(cached, values.cached, 'us'),
        withoutRival(uncached, values.uncached, 'us'),
      ];
    }
    const against = { rival: values.rival, name: 'pgbench -C', unit: 'us' };
    return [
      compare({ what: fast, ours: values.fast, ...against, goal: CACHED_GOAL }),
      compare({ what: cached, ours: values.cached, ...against }),
      compare({ what: uncached, ours: values.uncached, ...against, goal: UNCACHED_GOAL }),
    ];
  } finally {
    stop();
  }
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
