// @ts-check

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from '../output/figures.js';
import { runConnstorm } from '../parties/connstorm.js';
import { measureRow } from '../parties/parties.js';

const MAIN = fileURLToPath(new URL('../../support/servers/known/main.js', import.meta.url));
const ROUNDS = 3;
const RATE = 40;
const SECONDS = 5;
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
 * @param {import('../benchmarks.js').Bench} bench
 * @returns {AsyncGenerator<import('../output/rows.js').Row>}
 */
export async function* benchDelay(bench) {
  for (const { what, behaviour, sslmode } of SERVERS) {
    const storm = { ratePerSecond: RATE, durationS: bench.plan.seconds(SECONDS), sslmode };
    yield await measureRow(bench, {
      what: `latency p50, ${what} answered ${DELAY_MS} ms later, ${RATE}/s`,
      unit: 'ms',
      decimals: 2,
      rounds: ROUNDS,
      ours: (build) => measure(build, behaviour, storm),
      rivals: [{ name: 'the truth', measure: async () => ({ value: DELAY_MS }) }],
      goal: {
        text: `${DELAY_MS}-${MOST_MS} ms`,
        isReached: (ours) => median(ours) >= DELAY_MS && median(ours) <= MOST_MS,
      },
    });
  }
}

/** @param {import('../build.js').Build} build @param {Record<string, number>} behaviour @param {{ ratePerSecond: number, durationS: number, sslmode: 'disable' | 'prefer' }} storm */
async function measure(build, behaviour, storm) {
  const child = fork(MAIN, [JSON.stringify(behaviour)]);
  try {
    const [{ port }] = await once(child, 'message');
    const url = `postgresql://storm@127.0.0.1:${port}/storm`;
    return { value: (await runConnstorm(build, { url, ...storm })).latencyP50Us / 1000 };
  } finally {
    child.kill();
  }
}
