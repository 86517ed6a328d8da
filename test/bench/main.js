// @ts-check

/**
 * Prints connstorm's own costs beside a rival's, measured by turns in the same run:
 *
 *   npm run bench                     all of them, about half an hour
 *   node test/bench/main.js connect   only those named
 */

import { cpus } from 'node:os';
import { BENCHMARKS } from './benchmarks.js';
import { renderRows } from './figures.js';
import { startInstantServer } from './instant.js';
import { findPgbench, readPgbenchVersion } from './pgbench.js';
import { startScramServer } from './scram-server.js';

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(BENCHMARKS, name));
if (unknown.length > 0) {
  const known = Object.keys(BENCHMARKS).join(', ');
  console.error(`no benchmark is called ${unknown.join(', ')}; there are ${known}`);
  process.exitCode = 2;
} else {
  await run(named.length > 0 ? named : Object.keys(BENCHMARKS));
}

/** @param {string[]} names */
async function run(names) {
  const instant = await startInstantServer();
  const scram = await startScramServer();
  const labs = createLabs();
  const pgbench = findPgbench();
  const bench = {
    instantUrl: instant.url,
    scramUrl: scram.url,
    pgbench,
    startLab: labs.start,
  };
  try {
    console.log(describeMachine(instant.kind, scram.kind, pgbench));
    /** @type {import('./figures.js').Row[]} */
    const rows = [];
    for (const name of names) {
      console.error(`measuring: ${name}`);
      try {
        rows.push(...((await BENCHMARKS[name]?.(bench)) ?? []));
      } catch (error) {
        // The others' figures are worth having.
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
      }
    }
    if (rows.length > 0) console.log(`\n${renderRows(rows)}`);
  } finally {
    await labs.stop();
    await Promise.all([instant.stop(), scram.stop()]);
  }
}

/** @param {string} kind @param {string} scramKind @param {string | null} pgbench */
function describeMachine(kind, scramKind, pgbench) {
  const [first] = cpus();
  const version = pgbench === null ? 'no pgbench' : readPgbenchVersion(pgbench);
  return [
    `${cpus().length} x ${first?.model.trim() ?? 'unknown CPU'}, Node ${process.versions.node}, ${version}`,
    `trust: against an instant server in ${kind}, SCRAM: in ${scramKind}, TLS: in Node; scram-lab: against the lab`,
    'figures: median (lowest-highest); CPU: user + system time of the client process',
  ].join('\n');
}

/** Real servers, started when asked for. */
function createLabs() {
  /** @type {import('../../src/lab/lab.ts').Lab[]} */
  const labs = [];
  return {
    start: async (/** @type {'scram-sha-256' | 'trust'} */ auth) => {
      // By name at run time: dist is not there when the types are checked.
      const module = new URL('../../dist/lab/lab.js', import.meta.url).href;
      /** @type {typeof import('../../src/lab/lab.ts')} */
      const { startLab } = await import(module);
      const lab = await startLab({ auth });
      labs.push(lab);
      return lab.url;
    },
    stop: () => Promise.all(labs.map((lab) => lab.stop())),
  };
}
