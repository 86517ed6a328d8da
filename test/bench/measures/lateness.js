// @ts-check

import { fileURLToPath } from 'node:url';
import { median } from '../output/figures.js';
import { runAccounted } from '../parties/child-cpu.js';
import { ONE_HELPER, runConnstorm } from '../parties/connstorm.js';
import { measureRow } from '../parties/parties.js';

/** @typedef {import('../benchmarks.js').Bench} Bench @typedef {import('../output/rows.js').Row} Row */

const TIMER_LOOP = fileURLToPath(new URL('./timer-loop.js', import.meta.url));
const ROUNDS = 3;
const RATE = 1000;
const FAST_ROUNDS = 5;
const FAST_RATE = 2000;
const SECONDS = 5;
const GOAL_MS = 2;
const GOAL = {
  text: `< ${GOAL_MS} ms`,
  isReached: (/** @type {number[]} */ ours) => median(ours) < GOAL_MS,
};

/**
 * How late arrivals are begun, from the first one on, beside a bare loop of Node's timers that does nothing at all: what the
 * machine makes even of that is nobody's pacing.
 *
 * @param {Bench} bench @returns {AsyncGenerator<Row>}
 */
export async function* benchLateness(bench) {
  const seconds = bench.plan.seconds(SECONDS);
  const name = 'bare timers, no connects';
  const rivals = [{ name, measure: async () => ({ value: await measureTimers(seconds) }) }];
  yield await benchAt(bench, { ratePerSecond: RATE, rounds: ROUNDS, rivals });
  if (bench.plan.isQuick) return;
  yield await benchAt(bench, { ratePerSecond: RATE, rounds: ROUNDS, rivals, nodeFlags: TUNED });
}

/** @param {Bench} bench @returns {AsyncGenerator<Row>} */
export async function* benchFastLateness(bench) {
  yield await benchAt(bench, { ratePerSecond: FAST_RATE, rounds: FAST_ROUNDS });
  yield await benchAt(bench, { ratePerSecond: FAST_RATE, rounds: FAST_ROUNDS, nodeFlags: TUNED });
}

const TUNED = [ONE_HELPER];

/**
 * @param {Bench} bench
 * @param {{ ratePerSecond: number, rounds: number, rivals?: import('../parties/parties.js').Rival[], nodeFlags?: string[] }} options
 */
function benchAt(bench, { ratePerSecond, rounds, rivals = [], nodeFlags = [] }) {
  const durationS = bench.plan.seconds(SECONDS);
  const storm = { url: bench.instantUrl, ratePerSecond, durationS, nodeFlags };
  const tuned = nodeFlags.length === 0 ? '' : `, NODE_OPTIONS=${nodeFlags.join(' ')}`;
  return measureRow(bench, {
    what: `lateness p99 at ${ratePerSecond}/s, one worker${tuned}`,
    unit: 'ms',
    decimals: 2,
    rounds,
    ours: async (build) => ({ value: (await runConnstorm(build, storm)).latenessP99Us / 1000 }),
    rivals,
    goal: GOAL,
  });
}

/** @param {number} seconds */
async function measureTimers(seconds) {
  const { stdout } = await runAccounted([process.execPath, TIMER_LOOP, `${RATE}`, `${seconds}`]);
  return Number(stdout);
}
