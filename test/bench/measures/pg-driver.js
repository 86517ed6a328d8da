// @ts-check

import { fileURLToPath } from 'node:url';
import { runAccounted } from '../parties/child-cpu.js';
import { measureMarginal } from '../parties/marginal.js';
import { measureRow } from '../parties/parties.js';

const LOOP = fileURLToPath(new URL('./pg-client-loop.js', import.meta.url));
const ROUNDS = 5;
const GOAL = 1.1;
const RATE = 1000;
/** Connects: the shorter run outlasts V8's compiling. */
const LENGTHS = { short: 5000, long: 15_000 };

/**
 * The CPU of a connect and close through the pg driver, beside that of a bare pg.Client: the same loop, without
 * connstorm's pacing and recording, which cost the same under either driver.
 *
 * @param {import('../benchmarks.js').Bench} bench
 * @returns {AsyncGenerator<import('../output/rows.js').Row>}
 */
export async function* benchPgDriver(bench) {
  const load = { url: bench.instantUrl, rate: RATE, lengths: bench.plan.lengths(LENGTHS) };
  yield await measureRow(bench, {
    what: `CPU per connect and close, pg driver alone, trust, ${RATE}/s`,
    unit: 'us',
    rounds: ROUNDS,
    ratePerSecond: RATE,
    isInternal: true,
    ours: ({ dist }) => measureLoop(dist, load),
    rivals: [bareClient(load, GOAL)],
  });
}

/** @param {Parameters<typeof measureLoop>[1]} load @param {number} [goal] @returns {import('../parties/parties.js').Rival} */
export function bareClient(load, goal) {
  return {
    name: 'bare pg.Client',
    ratePerSecond: load.rate,
    measure: () => measureLoop('bare', load),
    goal,
  };
}

/**
 * The CPU of a connect and close of a loop in Node, see marginalOf.
 *
 * @param {string} how `bare`, or the folder of a build's modules.
 * @param {{ url: string, rate: number, lengths: import('../plan.js').Lengths }} load `lengths` in connects.
 * @returns {Promise<import('../parties/parties.js').Measured>} Microseconds.
 */
async function measureLoop(how, { url, rate, lengths }) {
  const { cpuUsPerConnect, ratePerSecond } = await measureMarginal(async (length) => {
    const connects = Math.round(length);
    const command = [process.execPath, LOOP, how, url, `${rate}`, `${connects}`];
    const { cpuUs, kernelUs, elapsedUs } = await runAccounted(command);
    return { connects, cpuUs, kernelUs, elapsedUs };
  }, lengths);
  return { value: cpuUsPerConnect, ratePerSecond };
}
