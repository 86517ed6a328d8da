// @ts-check

import { fileURLToPath } from 'node:url';
import { runAccounted } from './child-cpu.js';
import { alternate } from './figures.js';
import { compare } from './rows.js';

const LOOP = fileURLToPath(new URL('./pg-client-loop.js', import.meta.url));
const ROUNDS = 5;
const GOAL = 1.1;
const RATE = 1000;
/** So many that V8 has compiled by the last two thirds, which are measured. */
const CONNECTS = 15_000;

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
  const what = `CPU per connect and close, pg driver alone, trust, ${RATE}/s`;
  return [compare({ what, ...values, name: 'bare pg.Client', unit: 'us', goal: GOAL })];
}

/**
 * CPU in microseconds per connect and close, once it is warm.
 *
 * @param {'bare' | 'driver'} how @param {string} url @param {{ rate: number, connects: number }} [load]
 */
export async function measureLoop(
  how,
  url,
  { rate, connects } = { rate: RATE, connects: CONNECTS },
) {
  const command = [process.execPath, LOOP, how, url, `${rate}`, `${connects}`];
  return Number((await runAccounted(command)).stdout);
}
