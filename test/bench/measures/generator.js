// @ts-check

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { median } from '../output/figures.js';
import { createRow } from '../output/rows.js';
import { runAccounted } from '../parties/child-cpu.js';
import { measureConnstorm, runConnstorm } from '../parties/connstorm.js';
import { measureParties, measureRow } from '../parties/parties.js';

/**
 * @typedef {import('../benchmarks.js').Bench} Bench
 * @typedef {import('../build.js').Build} Build
 * @typedef {import('../output/rows.js').Row} Row
 */

const ROUNDS = 5;
const WORKERS_RATE = 4000;
const WORKERS_LENGTHS = { short: 5, long: 13 };
const WORKERS_GOAL = 1.15;

/** What a second worker costs each connect. @param {Bench} bench @returns {AsyncGenerator<Row>} */
export async function* benchWorkers(bench) {
  const storm = { url: bench.instantUrl, ratePerSecond: WORKERS_RATE };
  const cost = (/** @type {Build} */ build, /** @type {number} */ workers) =>
    measureConnstorm(build, { ...storm, workers }, bench.plan.lengths(WORKERS_LENGTHS));
  yield await measureRow(bench, {
    what: `CPU per connect of two workers, ${WORKERS_RATE}/s`,
    unit: 'us',
    rounds: ROUNDS,
    ratePerSecond: WORKERS_RATE,
    ours: (build) => cost(build, 2),
    rivals: [
      {
        name: 'one worker',
        ratePerSecond: WORKERS_RATE,
        goal: WORKERS_GOAL,
        measure: () => cost(bench.build, 1),
      },
    ],
  });
}

const HELD = 10_000;
const HELD_GOAL_KB = 8;
const HELD_RATE = 1000;

/**
 * The same run with a tenth of the connections, held as long, is what a run takes without them.
 *
 * @param {Bench} bench @returns {AsyncGenerator<Row>}
 */
export async function* benchHeld(bench) {
  const parties = await measureParties(bench, {
    rounds: 1,
    ours: (build) => measureHeld(build, bench.instantUrl),
  });
  const areAllOpened = parties.ours.measured.every(({ second }) => second === HELD);
  yield createRow(parties, {
    what: `resident memory of each of ${HELD} held connections`,
    unit: 'KB',
    decimals: 1,
    goal: {
      text: `<= ${HELD_GOAL_KB} KB, all opened`,
      isReached: (ours) => areAllOpened && median(ours) <= HELD_GOAL_KB,
    },
  });
}

/** Resolves to the KB of each; `second` is how many were opened. @param {Build} build @param {string} url */
async function measureHeld(build, url) {
  const hold = (/** @type {number} */ count) =>
    runHeld(build, { url, ratePerSecond: (HELD_RATE * count) / HELD, durationS: HELD / HELD_RATE });
  const few = await hold(HELD / 10);
  const many = await hold(HELD);
  return {
    value: (many.residentKb - few.residentKb) / (many.ok - few.ok),
    second: many.ok,
    note: `${many.ok} of ${HELD} opened`,
  };
}

/** @param {Build} build @param {{ url: string, ratePerSecond: number, durationS: number }} storm */
async function runHeld(build, storm) {
  let residentKb = 0;
  const run = await runConnstorm(build, {
    ...storm,
    set: { 'connection.hold': 'end', 'connection.close': 'reset' },
    maxInFlight: HELD,
    watch: (pid) => {
      residentKb = Math.max(residentKb, readResidentKb(pid));
    },
  });
  return { ok: run.connects, residentKb };
}

/** @param {number} pid */
function readResidentKb(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const RECORDING = fileURLToPath(new URL('./recording.js', import.meta.url));
const RECORD_GOAL_US = 4;
const PAUSE_GOAL_MS = 1;

/** By a loop of its own, of whose attempts the first quarter is left out. @param {Bench} bench @returns {AsyncGenerator<Row>} */
export async function* benchRecording(bench) {
  const parties = await measureParties(bench, {
    rounds: ROUNDS,
    isInternal: true,
    ours: async ({ dist }) => {
      const { stdout } = await runAccounted([process.execPath, RECORDING, dist]);
      const { recordUs, pauseMs } = JSON.parse(stdout);
      return { value: recordUs, second: pauseMs };
    },
  });
  yield createRow(parties, {
    what: 'recording one attempt, all its events and histograms',
    unit: 'us',
    decimals: 2,
    goal: {
      text: `<= ${RECORD_GOAL_US} us`,
      isReached: (ours) => median(ours) <= RECORD_GOAL_US,
    },
  });
  yield createRow(parties, {
    what: "p99.99 of writing an attempt's events while they are read",
    unit: 'ms',
    decimals: 3,
    pick: ({ second }) => second ?? Number.NaN,
    goal: {
      text: `< ${PAUSE_GOAL_MS} ms`,
      isReached: (ours) => median(ours) < PAUSE_GOAL_MS,
    },
  });
}
