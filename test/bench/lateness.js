// @ts-check

import { fileURLToPath } from 'node:url';
import { runAccounted } from './child-cpu.js';
import { ONE_HELPER, runConnstorm } from './connstorm.js';
import { alternate, describe, median } from './figures.js';

const TIMER_LOOP = fileURLToPath(new URL('./timer-loop.js', import.meta.url));
const ROUNDS = 3;
const RATE = 1000;
const SECONDS = 5;
const GOAL_MS = 2;

/**
 * How late arrivals are begun, beside a bare loop of Node's timers that does nothing at all: what the machine makes
 * even of that is nobody's pacing.
 *
 * @param {{ instantUrl: string }} bench
 * @returns {Promise<import('./figures.js').Row[]>}
 */
export async function benchLateness({ instantUrl: url }) {
  const storm = { url, ratePerSecond: RATE, durationS: SECONDS };
  const ours = async () => (await runConnstorm(storm)).latenessP99Us / 1000;
  const tuned = async () =>
    (await runConnstorm({ ...storm, nodeFlags: [ONE_HELPER] })).latenessP99Us / 1000;
  const values = await alternate({ ours, tuned, rival: measureTimers }, ROUNDS);
  const rival = `${describe(values.rival, 'ms', 2)}, bare timers, no connects`;
  const rows = [
    { what: `lateness p99 at ${RATE}/s, one worker`, latenessMs: values.ours },
    { what: `the same with NODE_OPTIONS=${ONE_HELPER}`, latenessMs: values.tuned },
  ];
  return rows.map(({ what, latenessMs }) => ({
    what,
    ours: describe(latenessMs, 'ms', 2),
    rival,
    ratio: median(latenessMs) / median(values.rival),
    goal: `< ${GOAL_MS} ms`,
    isReached: median(latenessMs) < GOAL_MS,
  }));
}

async function measureTimers() {
  const { stdout } = await runAccounted([process.execPath, TIMER_LOOP, `${RATE}`, `${SECONDS}`]);
  return Number(stdout);
}
