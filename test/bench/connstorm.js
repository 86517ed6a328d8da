// @ts-check

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAccounted } from './child-cpu.js';

export const CONNSTORM = fileURLToPath(new URL('../../bin/connstorm.js', import.meta.url));

/** Measured runs may end with 111: beyond what the machine can do a run is invalid, and that is a finding here. */
const INVALID = 111;

/**
 * @typedef {object} Storm
 * @property {string} url
 * @property {number} ratePerSecond
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
 * One run of the real CLI with one worker, a connect without a query at a time, at a constant rate.
 *
 * @param {Storm} storm
 * @returns {Promise<{ connects: number, cpuUs: number, kernelUs: number, achievedPerSecond: number, offeredPerSecond: number, latenessP99Us: number, latencyP50Us: number, isValid: boolean, intervals: Interval[] }>}
 *   `cpuUs`: of the whole process, start-up and recording included.
 */
export async function runConnstorm(storm) {
  const { url, ratePerSecond, durationS, sslmode, scramCache, maxInFlight, workers = 1 } = storm;
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  const set = {
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
    '--rate': ratePerSecond,
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
      'steady',
      '--json',
      '--quiet',
    ],
    ...Object.entries(flags).flatMap(([flag, value]) => [flag, `${value}`]),
    ...Object.entries(set).flatMap(([path, value]) => ['--set', `${path}=${value}`]),
  ];
  try {
    const { cpuUs, kernelUs, stdout } = await runAccounted(command, {}, [0, INVALID], storm.watch);
    /** @type {import('../../src/result/summary-records.ts').SummaryRecord} */
    const summary = JSON.parse(stdout);
    return {
      connects: summary.accounting.ok,
      cpuUs,
      kernelUs,
      achievedPerSecond: summary.rates.achievedPerSecond,
      offeredPerSecond: summary.rates.offeredPerSecond,
      latenessP99Us: summary.metrics.lateness?.p99Us ?? Number.NaN,
      latencyP50Us: summary.metrics.latency?.p50Us ?? Number.NaN,
      isValid: summary.validity.valid,
      intervals: readIntervals(flags['--out']),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} path @returns {Interval[]} */
function readIntervals(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"type":"interval"'))
    .map((line) => {
      /** @type {import('../../src/result/intervals.ts').IntervalRecord} */
      const { fromUs, toUs, steps } = JSON.parse(line);
      return { fromUs, toUs, ok: steps.reduce((sum, { counts }) => sum + counts.ok, 0) };
    });
}

/** Of the run's duration: by then V8 has compiled what is worth compiling. */
export const WARM_UP_SHARE = 1 / 3;

/**
 * The CPU of one more connect and close, recording included: a run's CPU less that of the same run a third as long,
 * which holds the start, the end and the compiler's work.
 *
 * @param {Storm} storm
 * @returns {Promise<{ connects: number, cpuUsPerConnect: number, kernelUsPerConnect: number, ratePerSecond: number, latenessP99Us: number }>}
 */
export async function measureConnstorm(storm) {
  const baseline = await runConnstorm({ ...storm, durationS: storm.durationS * WARM_UP_SHARE });
  const run = await runConnstorm(storm);
  const connects = run.connects - baseline.connects;
  return {
    connects,
    cpuUsPerConnect: (run.cpuUs - baseline.cpuUs) / connects,
    kernelUsPerConnect: (run.kernelUs - baseline.kernelUs) / connects,
    ratePerSecond: run.achievedPerSecond,
    latenessP99Us: run.latenessP99Us,
  };
}
