// @ts-check

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAccounted } from './child-cpu.js';
import { CpuLog, readCpu } from './cpu-log.js';

export const CONNSTORM = fileURLToPath(new URL('../../bin/connstorm.js', import.meta.url));

/** Measured runs may end with 111: beyond what the machine can do a run is invalid, and that is a finding here. */
const INVALID = 111;

/**
 * @typedef {object} Storm
 * @property {string} url
 * @property {number} [ratePerSecond] Of an open loop, one connect after another.
 * @property {number} [clients] Of a closed loop instead: each connects, closes and comes again at once.
 * @property {number} durationS
 * @property {'disable' | 'prefer' | 'require'} [sslmode] Default `disable`.
 * @property {boolean} [scramCache] Default true.
 * @property {number} [workers] Default 1.
 * @property {Record<string, unknown>} [set] Further fields of the scenario.
 * @property {(pid: number) => void} [watch] Called with the pid of connstorm, some times a second while it runs.
 * @property {string[]} [nodeFlags] Of Node, as NODE_OPTIONS has them.
 * @property {number} [maxInFlight] Default as connstorm decides; what it drops costs next to nothing.
 */

/** One helper thread of V8 instead of four, which take all of two CPUs while they compile: as README advises. */
export const ONE_HELPER = '--v8-pool-size=1';

/** What was connected meanwhile, since T0. @typedef {{ fromUs: number, toUs: number, ok: number }} Interval */

/**
 * One run of the real CLI with one worker, whose connects ask no query.
 *
 * @param {Storm} storm
 * @returns {Promise<{ connects: number, latenessP99Us: number, latencyP50Us: number, startedAtMs: number, intervals: Interval[] }>}
 *   `startedAtMs`: T0, of performance.now().
 */
export async function runConnstorm(storm) {
  const { url, durationS, sslmode, scramCache, maxInFlight, workers = 1 } = storm;
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  const pace = paceOf(storm);
  const set = {
    ...pace.set,
    'connection.sslmode': sslmode ?? 'disable',
    'connection.queries': 0,
    // No rival asks the server for its times.
    'connection.serverTimes': false,
    killSwitch: false,
    'connection.scramCache': scramCache ?? true,
    ...storm.set,
    ...(maxInFlight === undefined ? {} : { 'load.maxInFlight': maxInFlight }),
  };
  const flags = {
    '--target': url,
    '--duration': `${durationS}s`,
    '--workers': workers,
    '--out': join(folder, 'result.ndjson'),
  };
  const command = [
    ...[
      process.execPath,
      ...(storm.nodeFlags ?? []),
      CONNSTORM,
      'run',
      pace.scenario,
      '--json',
      '--quiet',
    ],
    ...Object.entries(flags).flatMap(([flag, value]) => [flag, `${value}`]),
    ...Object.entries(set).flatMap(([path, value]) => ['--set', `${path}=${value}`]),
  ];
  try {
    const { stdout } = await runAccounted(command, {}, [0, INVALID], storm.watch);
    /** @type {import('../../src/result/summary-records.ts').SummaryRecord} */
    const summary = JSON.parse(stdout);
    return {
      connects: summary.accounting.ok,
      latenessP99Us: summary.metrics.lateness?.p99Us ?? Number.NaN,
      latencyP50Us: summary.metrics.latency?.p50Us ?? Number.NaN,
      ...readRecords(flags['--out']),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The built-in scenario and what of it is set. @param {Storm} storm */
function paceOf({ ratePerSecond, clients }) {
  return clients === undefined
    ? { scenario: 'steady', set: { 'load.rate': ratePerSecond } }
    : {
        scenario: 'clients',
        set: { 'load.clients': clients, 'load.think.min': '0s', 'load.think.max': '0s' },
      };
}

/** @param {string} path @returns {{ startedAtMs: number, intervals: Interval[] }} */
function readRecords(path) {
  const [header = '', ...lines] = readFileSync(path, 'utf8').split('\n');
  /** @type {import('../../src/result/header.ts').HeaderRecord} */
  const { startedAt } = JSON.parse(header);
  const intervals = lines
    .filter((line) => line.startsWith('{"type":"interval"'))
    .map((line) => {
      /** @type {import('../../src/result/intervals.ts').IntervalRecord} */
      const { fromUs, toUs, steps } = JSON.parse(line);
      return { fromUs, toUs, ok: steps.reduce((sum, { counts }) => sum + counts.ok, 0) };
    });
  return { startedAtMs: Date.parse(startedAt) - performance.timeOrigin, intervals };
}

/** Of the run's duration: by then V8 has compiled what is worth compiling. */
const WARM_UP_SHARE = 1 / 3;

/**
 * The CPU of a connect and close, recording included, once connstorm is warm: of the last two thirds of one run, but for its last second. (The CPU of a
 * whole run less that of a third as long has the noise of both, and the compiler's.)
 *
 * @param {Storm} storm
 * @returns {Promise<{ connects: number, cpuUsPerConnect: number, kernelUsPerConnect: number, ratePerSecond: number }>} All of
 *   the time measured. Throws where it is not known: outside Linux.
 */
export async function measureConnstorm(storm) {
  const log = new CpuLog();
  const run = await runConnstorm({ ...storm, watch: (pid) => log.add(readCpu(pid)) });
  const fromUs = Math.ceil(storm.durationS * WARM_UP_SHARE) * 1e6;
  // In the last second it may end before it was read again.
  const toUs = (storm.durationS - 1) * 1e6;
  const warm = run.intervals.filter((it) => it.fromUs >= fromUs && it.toUs <= toUs);
  const [first, last] = [warm[0], warm.at(-1)];
  if (first === undefined || last === undefined) throw new Error('connstorm has no warm interval');
  const connects = warm.reduce((sum, { ok }) => sum + ok, 0);
  const toMs = (/** @type {number} */ us) => run.startedAtMs + us / 1000;
  const { cpuUs, kernelUs } = log.between(toMs(first.fromUs), toMs(last.toUs));
  return {
    connects,
    cpuUsPerConnect: cpuUs / connects,
    kernelUsPerConnect: kernelUs / connects,
    ratePerSecond: (connects * 1e6) / (last.toUs - first.fromUs),
  };
}
