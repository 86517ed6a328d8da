// @ts-check

/** Prints connstorm's own costs beside its rivals', measured by turns in the same run: see --help. */

import { fileURLToPath } from 'node:url';
import { parseArguments, renderUsage } from './arguments.js';
import { BENCHMARKS, QUICK } from './benchmarks.js';
import { NoBuild, openBuild } from './build.js';
import { createHeader } from './header.js';
import { createLabs } from './labs.js';
import { createOutput } from './output/output.js';
import { findPgbench } from './parties/pgbench.js';
import { createPlan } from './plan.js';
import { runBenchmarks } from './run-benchmarks.js';
import { startInstantServer } from './servers/instant.js';
import { startScramServer } from './servers/scram-server.js';

const THIS = fileURLToPath(new URL('../..', import.meta.url));
const ALL = Object.keys(BENCHMARKS);

const wanted = parseArguments(process.argv.slice(2), ALL);
if (wanted === 'help') {
  console.log(renderUsage(ALL, QUICK));
} else if ('refusal' in wanted) {
  refuse(wanted.refusal);
} else {
  const builds = openBuilds(wanted.buildFolder);
  if (builds !== null) await run(wanted, builds);
}

/** @param {string} why */
function refuse(why) {
  console.error(why);
  process.exitCode = 2;
}

/** @param {string | null} folder Of the other one. */
function openBuilds(folder) {
  try {
    return { build: openBuild(THIS), other: folder === null ? null : openBuild(folder) };
  } catch (error) {
    if (!(error instanceof NoBuild)) throw error;
    refuse(error.message);
    return null;
  }
}

/**
 * @param {import('./arguments.js').Wanted} wanted
 * @param {Pick<import('./benchmarks.js').Bench, 'build' | 'other'>} builds
 */
async function run({ names, isQuick, isJson }, builds) {
  const scale = Number(process.env.BENCH_SCALE ?? 1);
  if (!(scale > 0)) {
    refuse(`BENCH_SCALE must be a number above 0, got ${process.env.BENCH_SCALE}`);
    return;
  }
  const output = createOutput(isJson);
  const instant = await startInstantServer();
  const scram = await startScramServer();
  const labs = createLabs(builds.build);
  const bench = {
    ...builds,
    plan: createPlan({ isQuick, scale }),
    instantUrl: instant.url,
    scramUrl: scram.url,
    pgbench: findPgbench(),
    startLab: labs.start,
  };
  try {
    output.header(createHeader(bench, { trust: instant.kind, scram: scram.kind }));
    const chosen = names.length > 0 ? names : isQuick ? QUICK : ALL;
    const failures = await runBenchmarks(BENCHMARKS, chosen, bench, output);
    if (failures > 0) process.exitCode = 1;
  } finally {
    await labs.stop();
    await Promise.all([instant.stop(), scram.stop()]);
  }
}
