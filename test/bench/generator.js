// @ts-check

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runAccounted } from './child-cpu.js';
import { measureConnstorm, ONE_HELPER, runConnstorm } from './connstorm.js';
import { alternate, describe, median } from './figures.js';
import { compare } from './rows.js';

/** @typedef {import('./figures.js').Row} Row @typedef {{ instantUrl: string }} Bench */

const ROUNDS = 5;

/** @param {string} what @param {number[]} values @param {string} unit @param {{ text: string, isReached: boolean }} goal @returns {Row} */
function row(what, values, unit, { text, isReached }) {
  const ours = describe(values, unit, unit === 'us' || unit === 'ms' ? 2 : 0);
  return { what, ours, rival: 'none: a cost of its own', ratio: null, goal: text, isReached };
}

const PER_CONNECT = { ratePerSecond: 4000, durationS: 10 };
const WORKERS_GOAL = 1.15;

/** What a second worker costs each connect. @param {Bench} bench @returns {Promise<Row[]>} */
export async function benchWorkers({ instantUrl: url }) {
  const cost = (/** @type {number} */ workers) => async () =>
    (await measureConnstorm({ url, ...PER_CONNECT, workers })).cpuUsPerConnect;
  const values = await alternate({ rival: cost(1), ours: cost(2) }, ROUNDS);
  const what = `CPU per connect of two workers, ${PER_CONNECT.ratePerSecond}/s`;
  return [compare({ what, ...values, name: 'one worker', unit: 'us', goal: WORKERS_GOAL })];
}

const HELD = 10_000;
const HELD_GOAL_KB = 8;
const HELD_RATE = 1000;

/**
 * The same run with a tenth of the connections, held as long, is what a run takes without them.
 *
 * @param {Bench} bench @returns {Promise<Row[]>}
 */
export async function benchHeld({ instantUrl: url }) {
  const hold = (/** @type {number} */ count) =>
    runHeld({ url, ratePerSecond: (HELD_RATE * count) / HELD, durationS: HELD / HELD_RATE });
  const few = await hold(HELD / 10);
  const many = await hold(HELD);
  const kbEach = (many.residentKb - few.residentKb) / (many.ok - few.ok);
  const isReached = many.ok === HELD && kbEach <= HELD_GOAL_KB;
  return [
    {
      what: `resident memory of each of ${HELD} held connections`,
      ours: `${kbEach.toFixed(1)} KB; ${many.ok} of ${HELD} opened`,
      rival: 'none: a cost of its own',
      ratio: null,
      goal: `<= ${HELD_GOAL_KB} KB, all opened`,
      isReached,
    },
  ];
}

/** @param {{ url: string, ratePerSecond: number, durationS: number }} storm */
async function runHeld(storm) {
  let residentKb = 0;
  const run = await runConnstorm({
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

/** @param {Bench} _bench @returns {Promise<Row[]>} */
export async function benchRecording(_bench) {
  /** @type {Record<'recordUs' | 'pauseMs', number>[]} */
  const runs = [];
  for (let round = 0; round < ROUNDS; round++) {
    runs.push(JSON.parse((await runAccounted([process.execPath, RECORDING])).stdout));
  }
  /** @param {'recordUs' | 'pauseMs'} name @returns {number[]} */
  const of = (name) => runs.map((run) => run[name]);
  const record = of('recordUs');
  const pause = of('pauseMs');
  return [
    row('recording one attempt, all its events and histograms', record, 'us', {
      text: `<= ${RECORD_GOAL_US} us`,
      isReached: median(record) <= RECORD_GOAL_US,
    }),
    row("p99.99 of writing an attempt's events while they are read", pause, 'ms', {
      text: `< ${PAUSE_GOAL_MS} ms`,
      isReached: median(pause) < PAUSE_GOAL_MS,
    }),
  ];
}

const FAST_LATENESS = { ratePerSecond: 2000, durationS: 5 };
const LATENESS_GOAL_MS = 2;

/** @param {Bench} bench @returns {Promise<Row[]>} */
export async function benchFastLateness({ instantUrl: url }) {
  const measure = async (/** @type {string[]} */ ...nodeFlags) =>
    (await runConnstorm({ url, ...FAST_LATENESS, nodeFlags })).latenessP99Us / 1000;
  const tell = (/** @type {string} */ what, /** @type {number[]} */ values) =>
    row(what, values, 'ms', {
      text: `< ${LATENESS_GOAL_MS} ms`,
      isReached: median(values) < LATENESS_GOAL_MS,
    });
  const { ours, tuned } = await alternate(
    { ours: () => measure(), tuned: () => measure(ONE_HELPER) },
    ROUNDS,
  );
  return [
    tell(`lateness p99 at ${FAST_LATENESS.ratePerSecond}/s, one worker`, ours),
    tell(`the same with NODE_OPTIONS=${ONE_HELPER}`, tuned),
  ];
}
