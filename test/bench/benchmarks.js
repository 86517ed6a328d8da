// @ts-check

import { benchConnect } from './measures/connect.js';
import { benchDelay } from './measures/delay.js';
import { benchHeld, benchRecording, benchWorkers } from './measures/generator.js';
import { benchFastLateness, benchLateness } from './measures/lateness.js';
import { benchPgDriver } from './measures/pg-driver.js';
import { benchRate } from './measures/rate.js';
import { benchScram, benchScramAtLab } from './measures/scram.js';
import { benchStartup } from './measures/startup.js';
import { benchStatements } from './measures/statements.js';
import { benchTls } from './measures/tls.js';

/**
 * What a benchmark is given.
 *
 * @typedef {object} Bench
 * @property {import('./build.js').Build} build
 * @property {import('./build.js').Build | null} other Measured beside it; null where none was asked for.
 * @property {import('./plan.js').Plan} plan
 * @property {string} instantUrl
 * @property {string} scramUrl Of a server that only checks SCRAM.
 * @property {string | null} pgbench
 * @property {(auth: 'scram-sha-256' | 'trust') => Promise<string>} startLab Starts a real server; resolves to its URL.
 * @property {(error: unknown) => void} noteFailure Of what fails beside figures that are worth having.
 *
 * @typedef {(bench: Bench) => AsyncGenerator<import('./output/rows.js').Row>} Benchmark Yields each row once it is measured.
 */

/** Each by its name, as the command line takes it. @type {Record<string, Benchmark>} */
export const BENCHMARKS = {
  connect: benchConnect,
  rate: benchRate,
  delay: benchDelay,
  lateness: benchLateness,
  'lateness-fast': benchFastLateness,
  workers: benchWorkers,
  held: benchHeld,
  recording: benchRecording,
  scram: benchScram,
  'scram-lab': benchScramAtLab,
  startup: benchStartup,
  statements: benchStatements,
  pg: benchPgDriver,
  tls: benchTls,
};

/** What a quick run measures where none is named: the most telling ones. */
export const QUICK = ['startup', 'connect', 'scram', 'lateness', 'recording'];
