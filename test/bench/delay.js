// @ts-check

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runConnstorm } from './connstorm.js';
import { describe, median } from './figures.js';

const MAIN = fileURLToPath(new URL('../support/server/main.js', import.meta.url));
const ROUNDS = 3;
const STORM = { ratePerSecond: 40, durationS: 5 };
const DELAY_MS = 20;
const MOST_MS = 24;

/** @type {{ what: string, behaviour: Record<string, number>, sslmode: 'disable' | 'prefer' }[]} */
const SERVERS = [
  {
    what: 'the StartupMessage',
    behaviour: { startupDelayMs: DELAY_MS },
    sslmode: 'disable',
  },
  { what: 'SSLRequest', behaviour: { sslReplyDelayMs: DELAY_MS }, sslmode: 'prefer' },
];

/**
 * How near the truth the median is where the truth is known: tests on a busy machine can only hold it from below.
 *
 * @param {object} _bench
 * @returns {Promise<import('./figures.js').Row[]>}
 */
export async function benchDelay(_bench) {
  const rows = [];
  for (const { what, behaviour, sslmode } of SERVERS) {
    /** @type {number[]} */
    const values = [];
    for (let round = 0; round < ROUNDS; round++) values.push(await measure(behaviour, sslmode));
    const ms = median(values);
    rows.push({
      what: `latency p50, ${what} answered ${DELAY_MS} ms later, ${STORM.ratePerSecond}/s`,
      ours: describe(values, 'ms', 2),
      rival: `${DELAY_MS} ms, the truth`,
      ratio: ms / DELAY_MS,
      goal: `${DELAY_MS}-${MOST_MS} ms`,
      isReached: ms >= DELAY_MS && ms <= MOST_MS,
    });
  }
  return rows;
}

/** @param {Record<string, number>} behaviour @param {'disable' | 'prefer'} sslmode */
async function measure(behaviour, sslmode) {
  const child = fork(MAIN, [JSON.stringify(behaviour)]);
  try {
    const [{ port }] = await once(child, 'message');
    const url = `postgresql://storm@127.0.0.1:${port}/storm`;
    return (await runConnstorm({ url, ...STORM, sslmode })).latencyP50Us / 1000;
  } finally {
    child.kill();
  }
}
