import { PassThrough } from 'node:stream';
import { expect } from 'vitest';
import { renderOne, renderValue } from '../../src/analysis/answer/value-text.ts';
import { renderReport } from '../../src/report/terminal.ts';
import { readResult } from '../../src/result/read/read.ts';
import type { RunOutcome } from '../../src/run/request.ts';
import { runScenario } from '../../src/run.ts';
import { listBuiltIns } from '../../src/scenario/file/built-ins.ts';
import { readScenario } from '../../src/scenario/file/read.ts';
import { observe, temporaryPath } from './run-storm.ts';

/** Settings that make a scenario short, by its name. null: other tests run it. */
export const SHORT: Record<string, string[] | null> = {
  'ci-smoke': ['load.duration=2s'],
  steady: ['load.duration=2s', 'load.rate=20'],
  churn: ['load.duration=2s', 'load.clients=2'],
  clients: ['load.duration=2s', 'load.clients=2'],
  herd: [
    'load.clients=20',
    'variants.within-5s.load.window=2s',
    'variants.within-15s.load.window=3s',
  ],
  'retry-storm': [
    'load.clients=30',
    'load.duration=4s',
    'connection.hold=500ms',
    'lab.postgres.settings.max_connections=24',
  ],
  surge: [
    'load.steady.rate=5',
    'load.steady.duration=4s',
    'load.surge.rate=50',
    'load.surge.startTime=1s',
    'load.surge.duration=1s',
  ],
  'reconnect-storm': ['load.clients=20', 'load.window=1s', 'load.duration=4s', 'events[0].at=2s'],
  recycle: [
    'load.pools.clients=10',
    'load.pools.duration=4s',
    'load.others.startTime=1s',
    'load.others.duration=3s',
    'variants.together.connection.hold={ min: 1s, max: 1s }',
    'variants.jitter.connection.hold={ min: 900ms, max: 1s }',
  ],
  'startup-shutdown': ['fast-0', 'fast-n', 'immediate-0', 'immediate-n'].flatMap((variant) => [
    `variants.${variant}.load={ rate: 10, duration: 4s }`,
    `variants.${variant}.events[0].at=2s`,
    ...(variant.endsWith('n') ? [`variants.${variant}.background.sessions.connections=10`] : []),
  ]),
  'crash-recovery': ['load.rate=10', 'load.duration=6s', 'connection.hold=1s', 'events[0].at=3s'],
  drivers: ['load.rate=10', 'load.duration=2s', 'repeat=1'],
  'startup-statements': ['load.rate=5', 'load.duration=2s'],
  failover: [
    'load.rate=15',
    'load.duration=5s',
    'events=[{ at: 2s, do: promote, lostPrimary: true }]',
  ],
  replicas: ['load.duration=2s', 'load.clients=4', 'repeat=1', 'lab.postgres.forkCostMs=20'],
  'auth-cost': ['load.rate=10', 'load.duration=1s', 'repeat=1'],
  signals: ['load.clients=2', 'load.duration=500ms', 'warmUp=0s', 'repeat=1'],
  'parallel-workers': ['load.clients=2', 'load.duration=1s', 'warmUp=0s', 'repeat=1'],
  'kind-application': ['load.duration=3s', 'variants.hundred.load.rate=1'],
  'massive-connections': [
    'taste.duration=500ms',
    'load.rate=10',
    'load.duration=1s',
    'variants.held-500.background.idle.connections=10',
    'variants.held-1000.background.idle.connections=20',
    'variants.held-2000.background.idle.connections=30',
    'variants.most.background.idle.connections=40',
  ],
  'held-vs-rate': [
    'load.duration=500ms',
    ...['r20', 'r50', 'r100'].flatMap((rate) => [
      `variants.${rate}-h250.background.idle.connections=5`,
      `variants.${rate}-h1000.background.idle.connections=10`,
    ]),
  ],
  quickstart: null,
  saturate: null,
  'postmaster-limit': null,
  'pooled-vs-direct': null,
  'pooled-vs-direct-capacity': null,
  vertical: null,
  'huge-pages': null,
};

/** Reasons for an invalid run that lie in a busy machine, not in the scenario. */
const OF_THE_MACHINE = /^(LATE_GENERATOR|GENERATOR_\w+|STOPPED\w*)$/;

async function runShort(name: string): Promise<RunOutcome & { path: string }> {
  const path = temporaryPath(`${name}.ndjson`);
  const overrides = (SHORT[name] ?? []).map((text) => {
    const [field = '', value = ''] = text.split('=');
    return { path: field, value, source: `--set ${field}` };
  });
  const outcome = await runScenario({
    loaded: readScenario(name, overrides),
    targets: [],
    reserve: undefined,
    yes: false,
    out: path,
    postgresBin: undefined,
    env: {},
    stdin: new PassThrough(),
    stderr: new PassThrough(),
    stop: new AbortController().signal,
    cancel: new AbortController().signal,
    observer: observe([]),
  });
  return { ...outcome, path };
}

/** Returns the names of the built-in scenarios of these folders that have a short form. */
export function listShortForms(folders: readonly string[]): string[] {
  return listBuiltIns()
    .filter(({ folder }) => folders.includes(folder))
    .map(({ name }) => name)
    .filter((name) => SHORT[name] !== null);
}

/** Runs a scenario in its short form, and expects an answer that the figures of its report say, too. */
export async function expectAnswer(name: string): Promise<void> {
  const { summary, header, path } = await runShort(name);
  // The reader checks that all counts add up.
  readResult(path, () => {});
  const others = summary.validity.reasons.filter(({ code }) => !OF_THE_MACHINE.test(code));
  expect(others).toEqual([]);
  if (summary.validity.valid && name !== 'ci-smoke') expect(summary.exitCode).toBe(0);
  const { answer } = summary;
  expect(answer?.text).toMatch(/^in this run, /);
  const report = renderReport(
    { summary, header },
    { columns: 10_000, colour: false, resultPath: null },
  );
  // A variant that has nothing of the kind is left out.
  const told = (answer?.values ?? []).filter(({ absent }) => absent !== true);
  for (const value of told) {
    const shown = [renderValue(value), renderOne(value)];
    // A long answer has a table.
    const where = answer?.table === undefined ? answer?.text : report;
    expect(where).toSatisfy((text: string) => shown.some((one) => text.includes(one)));
  }
  for (const { connects } of answer?.costOfActs ?? []) {
    if (connects === null) expect(answer?.text).toContain('not known (');
  }
  expect(report.split('\n')[0]).toBe(answer?.text);
  expect(report).toContain(`\nanswer: ${answer?.text}`);
}
