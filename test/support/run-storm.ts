import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll } from 'vitest';
import { readResult } from '../../src/result/read.ts';
import type { ResultRecord } from '../../src/result/records.ts';
import { type RunOutcome, type RunRequest, runScenario } from '../../src/run.ts';
import { parseScenario } from '../../src/scenario/parse.ts';

export interface Storm extends RunOutcome {
  /** Of the result file, all but the derived summary. */
  records: ResultRecord[];
  path: string;
  notes: string[];
}

const folder = mkdtempSync(join(tmpdir(), 'connstorm-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** A path in a folder that is removed after the test file. */
export function temporaryPath(name: string): string {
  files++;
  return join(folder, `${files}-${name}`);
}

/** Runs a scenario, given as its data, against a connection string; nothing of this process's environment gets in. */
export async function runStorm(
  url: string | undefined,
  scenario: Record<string, unknown>,
  over: Partial<RunRequest> = {},
): Promise<Storm> {
  const path = temporaryPath('storm.ndjson');
  const notes: string[] = [];
  const parsed = parseScenario(
    JSON.stringify({ shows: 'a test', killSwitch: false, ...scenario }),
    'storm.json',
  );
  const outcome = await runScenario({
    loaded: { name: 'storm', path, scenario: parsed },
    target: url,
    reserve: undefined,
    yes: false,
    out: path,
    postgresBin: undefined,
    env: {},
    stdin: new PassThrough(),
    stderr: new PassThrough(),
    stop: new AbortController().signal,
    cancel: new AbortController().signal,
    observer: {
      note: (text) => notes.push(text),
      started: () => {},
      interval: () => {},
      ended: () => {},
    },
    ...over,
  });
  const records: ResultRecord[] = [];
  readResult(path, (record) => records.push(record));
  return { ...outcome, records, path, notes };
}

/** A constant rate without jitter. */
export function constantRate(
  ratePerSecond: number,
  duration: string,
  over: Record<string, unknown> = {},
): Record<string, unknown> {
  return { executor: 'constant-arrival-rate', rate: ratePerSecond, duration, ...over };
}
