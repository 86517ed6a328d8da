import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { readResult } from '../../src/result/read/read.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import { runCli } from '../support/cli/cli.ts';
import { startDuring } from '../support/servers/known-server.ts';
import { replaySearch } from '../support/virtual/replay-search.ts';

/** A short search as the command line has it. test/live/quick-search.real.test.ts has a whole one of the lab. */

const folder = mkdtempSync(join(tmpdir(), 'connstorm-search-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a search says how long it may take, is done by then, and its file repeats its decisions and its report', async ({
  onTestFinished,
}) => {
  const server = await startDuring(onTestFinished, { readyDelayMs: 20 });
  const path = join(folder, 'search.ndjson');
  const settings = ['stepDuration=2s', 'maxDuration=15s', 'startRate=40', 'maxRate=60'];
  const args = [
    ...['run', 'saturate', '--target', server.url, '--out', path],
    ...settings.flatMap((setting) => ['--set', `load.${setting}`]),
  ];
  const { code, stdout, stderr } = await runCli(args, folder);
  expect(stderr).toContain('at most 15 s');
  expect([0, 111]).toContain(code);
  const records: ResultRecord[] = [];
  const { header } = readResult(path, (record) => records.push(record));
  if (header.version !== 1) throw new Error('the run has variants');
  replaySearch(header, records);
  const fold = createSummary(header);
  for (const record of records) if (record.type !== 'header') fold.add(record);
  const { steps, capacity } = fold.finish();
  expect(steps.at(-1)?.toUs).toBeLessThanOrEqual(15_000_000);
  expect(steps.map(({ role }) => role)).toEqual(expect.arrayContaining(['baseline']));
  // On a busy machine the search may know less.
  expect(capacity?.kind).toMatch(/^(found|unstable|not-reached|invalid)$/);
  expect(capacity?.reason).not.toBe('');
  expect(await runCli(['report', path], folder)).toEqual({ code, stdout, stderr: '' });
});
