/**
 * connstorm as a library: run a scenario, read a result, judge it again.
 *
 *     const { summary } = await runScenario({
 *       scenario: {
 *         shows: 'what a connect costs',
 *         load: { executor: 'constant-arrival-rate', rate: 50, duration: '10s' },
 *       },
 *       targets: ['postgres://storm@localhost/postgres'],
 *       out: false,
 *     });
 *     console.log(summary.accounting.ok, summary.metrics?.latency?.p99Us);
 *
 * Times are integer microseconds. If a run cannot start, a ConnstormError is thrown. Its `code` is stable.
 */
export { ConnstormError, EXIT_CODES, UnreachableError, UsageError } from './errors.ts';
export type { Lab, LabOptions } from './lab/lab.ts';
export type { Pooler } from './lab/pgbouncer/pgbouncer.ts';
export type { PoolerOptions } from './lab/pgbouncer/pgbouncer-ini.ts';
export type { Replica } from './lab/postgres/replicas.ts';
export type { ServerControl, StopMode } from './lab/postgres/server-control.ts';
export { createSummary } from './library/create-summary.ts';
export { readResult } from './library/read-result.ts';
export { runScenario } from './library/run-scenario.ts';
export { startLab } from './library/start-lab.ts';
export type * from './result/records/records.ts';
export type { RunOptions } from './run/fill-request.ts';
export type { NoteKind, RunObserver, RunOutcome, RunRequest } from './run/request.ts';
export { loadScenario } from './scenario/file/load-data.ts';
export { type LoadedScenario, readScenario } from './scenario/file/read.ts';
