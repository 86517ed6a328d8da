// @ts-check

import { fileURLToPath } from 'node:url';
import { runAccounted } from './child-cpu.js';
import { alternate, describe, median } from './figures.js';

const LOOP = fileURLToPath(new URL('./pg-client-loop.js', import.meta.url));
const ROUNDS = 3;
const GOAL = 1.1;
const RATE = 1000;
/** So many that what the JIT compiler costs at first is a small part. */
const CONNECTS = 10_000;
const BASELINE_CONNECTS = 10;

/**
 * The CPU of a connect and close through the pg driver, beside that of a bare pg.Client: the same loop, without
 * connstorm's pacing and recording, which cost the same under either driver.
 *
 * @param {{ instantUrl: string }} bench
 * @returns {Promise<import('./figures.js').Row[]>}
 */
export async function benchPgDriver({ instantUrl: url }) {
  const measures = {
    ours: () => measureLoop('driver', url),
    rival: () => measureLoop('bare', url),
  };
  const values = await alternate(measures, ROUNDS);
  const ratio = median(values.ours) / median(values.rival);
  return [
    {
      what: `CPU per connect and close, pg driver alone, trust, ${RATE}/s`,
      ours: describe(values.ours, 'us'),
      rival: `${describe(values.rival, 'us')}, bare pg.Client`,
      ratio,
      goal: `ratio <= ${GOAL.toFixed(3)}`,
      isReached: ratio <= GOAL,
    },
  ];
}

/**
 * CPU in microseconds per connect and close, less that of a loop that starts and ends.
 *
 * @param {'bare' | 'driver'} how @param {string} url @param {{ rate: number, connects: number }} [load]
 */
export async function measureLoop(
  how,
  url,
  { rate, connects } = { rate: RATE, connects: CONNECTS },
) {
  const run = async (/** @type {number} */ count) =>
    (await runAccounted([process.execPath, LOOP, how, url, `${rate}`, `${count}`])).cpuUs;
  const baselineUs = await run(BASELINE_CONNECTS);
  return ((await run(connects)) - baselineUs) / (connects - BASELINE_CONNECTS);
}
