/** connstorm as a library: run a scenario, read a result, judge it again. */
export { createSummary } from './analysis/summary.ts';
export { ConnstormError, EXIT_CODES, UnreachableError, UsageError } from './errors.ts';
export { type Lab, type LabOptions, startLab } from './lab/lab.ts';
export type { Pooler } from './lab/pgbouncer.ts';
export type { PoolerOptions } from './lab/pgbouncer-ini.ts';
export { readResult } from './result/read.ts';
export type * from './result/records.ts';
export type { RunObserver, RunOutcome, RunRequest } from './run/request.ts';
export { runScenario } from './run.ts';
export { type LoadedScenario, readScenario } from './scenario/read.ts';
