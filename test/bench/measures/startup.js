// @ts-check

import { median } from '../output/figures.js';
import { runAccounted } from '../parties/child-cpu.js';
import { measureRow } from '../parties/parties.js';

const STARTS = 10;
const GOAL_MS = 200;

/** The whole of a start, on the clock. @param {import('../benchmarks.js').Bench} bench @returns {AsyncGenerator<import('../output/rows.js').Row>} */
export async function* benchStartup(bench) {
  yield await measureRow(bench, {
    what: 'start of connstorm --help',
    unit: 'ms',
    rounds: STARTS,
    ours: ({ cli }) => start(cli, '--help'),
    rivals: [{ name: 'node -e 0', measure: () => start('-e', '0') }],
    goal: {
      text: `<= ${GOAL_MS} ms more`,
      isReached: (ours, [node]) => median(ours) - median(node?.values ?? []) <= GOAL_MS,
    },
  });
}

/** @param {string[]} args */
async function start(...args) {
  return { value: (await runAccounted([process.execPath, ...args])).elapsedUs / 1000 };
}
