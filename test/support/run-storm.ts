import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { inject } from 'vitest';
import { isLoneHeader } from '../../src/result/file-version.ts';
import { readResult } from '../../src/result/read/read.ts';
import type { HeaderRecord, VariantsHeaderRecord } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type {
  SummaryRecord,
  VariantsSummaryRecord,
} from '../../src/result/records/summary-records.ts';
import type { RunObserver, RunOutcome, RunRequest } from '../../src/run/request.ts';
import { runScenario } from '../../src/run.ts';
import { parseScenario } from '../../src/scenario/file/parse.ts';

interface AnyStorm extends RunOutcome {
  /** Of the result file, all but the derived summary. */
  records: ResultRecord[];
  path: string;
  notes: string[];
}

export interface Storm extends AnyStorm {
  header: HeaderRecord;
  summary: SummaryRecord;
}

/** Of a scenario with variants, or of several rounds. */
export interface VariantsStorm extends AnyStorm {
  header: VariantsHeaderRecord;
  summary: VariantsSummaryRecord;
}

let files = 0;

/** A path of nothing yet, in a folder that is removed after the tests. */
export function temporaryPath(name: string): string {
  files++;
  return join(inject('scratchFolder'), `${process.pid}-${files}-${name}`);
}

type Over = Partial<RunRequest>;

/** Runs a scenario, given as its data, against a connection string; nothing of this process's environment gets in. */
export async function runStorm(
  url: string | undefined,
  scenario: Record<string, unknown>,
  over: Over = {},
): Promise<Storm> {
  const storm = await run(url === undefined ? [] : [url], scenario, over);
  const { header, summary } = storm;
  if (isLoneHeader(header) && summary.metrics !== null) return { ...storm, header, summary };
  throw new Error('the run has variants');
}

/** The same for a scenario with variants and several targets. */
export async function runVariants(
  targets: readonly string[],
  scenario: Record<string, unknown>,
  over: Over = {},
): Promise<VariantsStorm> {
  const storm = await run(targets, scenario, over);
  const { header, summary } = storm;
  if (!isLoneHeader(header) && summary.metrics === null) return { ...storm, header, summary };
  throw new Error('the run has no variants');
}

async function run(
  targets: readonly string[],
  scenario: Record<string, unknown>,
  over: Over,
): Promise<AnyStorm> {
  const path = temporaryPath('storm.ndjson');
  const notes: string[] = [];
  const text = JSON.stringify({ shows: 'a test', killSwitch: false, ...scenario });
  const file = parseScenario(text, 'storm.json');
  const outcome = await runScenario({
    loaded: { name: 'storm', path, ...file },
    targets,
    reserve: undefined,
    yes: false,
    out: path,
    postgresBin: undefined,
    env: {},
    stdin: new PassThrough(),
    stderr: new PassThrough(),
    stop: new AbortController().signal,
    cancel: new AbortController().signal,
    observer: observe(notes),
    ...over,
  });
  const records: ResultRecord[] = [];
  readResult(path, (record) => records.push(record));
  return { ...outcome, records, path, notes };
}

/** Keeps the notes, and does `over` beside. */
export function observe(notes: string[], over: Partial<RunObserver> = {}): RunObserver {
  return {
    note: (text) => notes.push(text),
    started: () => {},
    legStarted: () => {},
    interval: () => {},
    stepOpened: () => {},
    event: () => {},
    ended: () => {},
    ...over,
  };
}

/** A constant rate without jitter. */
export function constantRate(
  ratePerSecond: number,
  duration: string,
  over: Record<string, unknown> = {},
): Record<string, unknown> {
  return { executor: 'constant-arrival-rate', rate: ratePerSecond, duration, ...over };
}
