// @ts-check

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAccounted } from './child-cpu.js';
import { measureMarginal } from './marginal.js';
import { createScenario } from './scenario.js';

/** Measured runs may end with 111: beyond what the machine can do a run is invalid, and that is a finding here. */
const INVALID = 111;

/**
 * @typedef {object} Storm
 * @property {string} url
 * @property {number} [ratePerSecond] Of an open loop, one connect after another.
 * @property {number} [clients] Of a closed loop instead: each connects, closes and comes again at once.
 * @property {'disable' | 'prefer' | 'require'} [sslmode] Default `disable`.
 * @property {boolean} [scramCache] Default true.
 * @property {number} [workers] Default 1.
 * @property {Record<string, unknown>} [set] Further fields of the scenario.
 * @property {(pid: number) => void} [watch] Called with the pid of connstorm, some times a second while it runs.
 * @property {string[]} [nodeFlags] Of Node, as NODE_OPTIONS has them.
 * @property {number} [maxInFlight] Default as connstorm decides; what it drops costs next to nothing.
 */

/** One helper thread of V8 instead of four, which take all of two CPUs while they compile: as docs/guide/reading-a-report.md advises. */
export const ONE_HELPER = '--v8-pool-size=1';

/** What was connected meanwhile, since T0. @typedef {{ fromUs: number, toUs: number, ok: number }} Interval */

/**
 * One run of a build's real CLI with one worker, whose connects ask no query.
 *
 * @param {import('../build.js').Build} build @param {Storm & { durationS: number }} storm
 * @returns {Promise<{
 *   latenessP99Us: number,
 *   latencyP50Us: number,
 *   usableP50Us: number,
 *   queryP50Us: number,
 *   intervals: Interval[],
 * } & import('./marginal.js').Run>}
 *   `elapsedUs` is the time that was asked for.
 */
export async function runConnstorm(build, storm) {
  const folder = mkdtempSync(join(tmpdir(), 'connstorm-bench-'));
  try {
    const out = join(folder, 'result.ndjson');
    const { stdout, cpuUs, kernelUs } = await runKnown(build, storm, out);
    /** @type {import('../../../src/result/records/summary-records.ts').SummaryRecord} */
    const summary = JSON.parse(stdout);
    return {
      connects: summary.accounting.ok,
      cpuUs,
      kernelUs,
      elapsedUs: storm.durationS * 1e6,
      latenessP99Us: summary.metrics.lateness?.p99Us ?? Number.NaN,
      latencyP50Us: summary.metrics.latency?.p50Us ?? Number.NaN,
      usableP50Us: summary.metrics.usableServiceTime?.p50Us ?? Number.NaN,
      queryP50Us: summary.metrics.query?.p50Us ?? Number.NaN,
      intervals: readIntervals(out),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What a build does not know, but could do without: that it must not do something that came later.
 *
 * @type {WeakMap<import('../build.js').Build, Set<string>>}
 */
const UNKNOWN = new WeakMap();

/**
 * As often as a build refuses a field that it can do without.
 *
 * @param {import('../build.js').Build} build @param {Storm & { durationS: number }} storm @param {string} out
 * @returns {ReturnType<typeof runAccounted>}
 */
async function runKnown(build, storm, out) {
  const unknown = UNKNOWN.get(build) ?? new Set();
  UNKNOWN.set(build, unknown);
  const { name, set, dispensable } = createScenario(storm);
  const known = Object.entries(set).filter(([path]) => !unknown.has(path));
  const flags = {
    '--target': storm.url,
    '--duration': `${Math.round(storm.durationS * 1000)}ms`,
    '--workers': storm.workers ?? 1,
    '--out': out,
  };
  const command = [
    ...[process.execPath, ...(storm.nodeFlags ?? []), build.cli, 'run', name, '--json', '--quiet'],
    ...Object.entries(flags).flatMap(([flag, value]) => [flag, `${value}`]),
    ...known.flatMap(([path, value]) => ['--set', `${path}=${value}`]),
  ];
  try {
    return await runAccounted(command, {}, [0, INVALID], storm.watch);
  } catch (error) {
    const refused = findRefused(`${error}`, dispensable).filter((path) => !unknown.has(path));
    if (refused.length === 0) throw error;
    for (const path of refused) unknown.add(path);
    return runKnown(build, storm, out);
  }
}

/**
 * Which of the paths a build calls unknown.
 *
 * @param {string} message @param {string[]} paths
 */
export function findRefused(message, paths) {
  const named = [...message.matchAll(/unknown field `([^`]+)`/g)].map(([, field]) => field);
  return paths.filter((path) => named.includes(path) || named.includes(path.split('.').at(-1)));
}

/** @param {string} path @returns {Interval[]} */
function readIntervals(path) {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"type":"interval"'))
    .map((line) => {
      /** @type {import('../../../src/result/records/intervals.ts').IntervalRecord} */
      const { fromUs, toUs, steps } = JSON.parse(line);
      return { fromUs, toUs, ok: steps.reduce((sum, { counts }) => sum + counts.ok, 0) };
    });
}

/**
 * The CPU of a connect and close, recording included: that of a longer run less that of a shorter one, see marginalOf.
 *
 * @param {import('../build.js').Build} build @param {Storm} storm @param {import('../plan.js').Lengths} lengths Seconds.
 * @returns {Promise<import('./parties.js').Measured>} Microseconds; `second` is the kernel's share.
 */
export async function measureConnstorm(build, storm, lengths) {
  const run = (/** @type {number} */ durationS) => runConnstorm(build, { ...storm, durationS });
  const { cpuUsPerConnect, kernelUsPerConnect, ratePerSecond } = await measureMarginal(
    run,
    lengths,
  );
  return { value: cpuUsPerConnect, second: kernelUsPerConnect, ratePerSecond };
}
