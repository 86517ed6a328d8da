// @ts-check

import { createRow } from '../output/rows.js';
import { runConnstorm } from '../parties/connstorm.js';
import { measureParties } from '../parties/parties.js';
import { pgbenchRival } from '../parties/pgbench.js';

/** @typedef {import('../benchmarks.js').Bench} Bench @typedef {import('../build.js').Build} Build */

/** Offered one after the other until one is not served: open loop, one worker. */
const RATES = [2000, 3000, 4000, 5000, 6000, 7000, 8000, 10_000, 12_000, 14_000, 17_000, 20_000];
const SECONDS = 5;
const COLD_US = 2e6;
const TRIES = 3;
const GOAL = 6000;
const SERVED = 0.97;
const RIVAL_LENGTHS = { short: 5000, long: 25_000 };

/**
 * Each rate is tried by both builds before the next one. The rival's is what its marginal connects take of the clock.
 *
 * @param {Bench} bench @returns {AsyncGenerator<import('../output/rows.js').Row>}
 */
export async function* benchRate(bench) {
  const search = new RateSearch(bench.instantUrl);
  const rival = pgbenchRival(bench, {
    url: bench.instantUrl,
    name: 'pgbench -C -c 1, no GSS',
    lengths: RIVAL_LENGTHS,
    gss: false,
  });
  /** @type {Promise<import('../parties/parties.js').Measured> | undefined} */
  let theirs;
  const measureOnce = () => {
    theirs ??= rival.measure();
    return theirs;
  };
  // A quick run stops no search before its end.
  const plan = { ...bench.plan, rounds: (/** @type {number} */ full) => full };
  const { ours, other, rivals } = await measureParties(
    { ...bench, plan },
    {
      rounds: RATES.length,
      ours: async (build) => ({ value: await search.tryNext(build) }),
      rivals: [
        { ...rival, measure: async () => ({ value: (await measureOnce()).ratePerSecond ?? 0 }) },
      ],
    },
  );
  const parties = { ours: last(ours), other: other && last(other), rivals: rivals.map(last) };
  yield createRow(parties, {
    what: 'highest rate of one worker, warm, best of three tries (more is better)',
    unit: '/s',
    goal: { text: `>= ${GOAL}/s`, isReached: ([best = 0]) => best >= GOAL },
  });
}

/** Only what came out in the end. @param {import('../output/rows.js').Party} party */
function last(party) {
  return { ...party, measured: party.measured.slice(-1) };
}

class RateSearch {
  #url;
  /** @type {Map<Build, { best: number, left: number[] }>} */
  #states = new Map();

  /** @param {string} url */
  constructor(url) {
    this.#url = url;
  }

  /**
   * Whoever else has the machine can only take from it: a rate that is sustained once in three tries can be sustained.
   * After the first that is not, none is tried any more.
   *
   * @param {Build} build @returns {Promise<number>} The highest rate sustained so far; 0 if none.
   */
  async tryNext(build) {
    const state = this.#states.get(build) ?? { best: 0, left: [...RATES] };
    this.#states.set(build, state);
    const rate = state.left.shift();
    if (rate === undefined) return state.best;
    let tries = TRIES;
    while (tries > 0 && !(await isSustained(build, this.#url, rate))) tries--;
    if (tries === 0) state.left = [];
    else state.best = rate;
    return state.best;
  }
}

/** Whether 0.97 of the rate were connected in each second once V8 had compiled, taken together. @param {Build} build @param {string} url @param {number} ratePerSecond */
async function isSustained(build, url, ratePerSecond) {
  const { intervals } = await runConnstorm(build, { url, ratePerSecond, durationS: SECONDS });
  const warm = intervals.filter(({ fromUs, toUs }) => fromUs >= COLD_US && toUs <= SECONDS * 1e6);
  const us = warm.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, 0);
  const ok = warm.reduce((sum, interval) => sum + interval.ok, 0);
  return us > 0 && ok >= (SERVED * ratePerSecond * us) / 1e6;
}
