import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { readResult } from '../../src/result/read/read.ts';
import type { HeaderRecord } from '../../src/result/records/header.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { type CliResult, runCli } from '../support/cli/cli.ts';
import { replaySearch } from '../support/virtual/replay-search.ts';

const CAN_BUILD = platform() === 'linux' && spawnSync('cc', ['--version']).status === 0;
/** Of the scenario postmaster-limit: so much more than a backend costs that no machine's CPUs give out first. */
const FORK_COST_MS = 60;
/** Of the time in which it was ready to run: a postmaster that is kept waiting for a CPU more than this has a busy machine around it. */
const BUSY_SHARE = 0.15;

const folder = mkdtempSync(join(tmpdir(), 'connstorm-quick-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function readRun(path: string): {
  header: HeaderRecord;
  records: ResultRecord[];
  summary: SummaryRecord;
} {
  const records: ResultRecord[] = [];
  const { header } = readResult(path, (record) => records.push(record));
  if (header.version !== 1) throw new Error('the run has variants');
  const fold = createSummary(header);
  for (const record of records) if (record.type !== 'header') fold.add(record);
  return { header, records, summary: fold.finish() };
}

/** How much of the time in which the lab's postmaster had something to do others had the CPUs. */
function findWaitShare(records: readonly ResultRecord[]): number {
  const seen = records.flatMap((record) =>
    record.type === 'sample' && record.probe === 'host' ? (record.postmaster ?? []) : [],
  );
  const waitUs = seen.reduce((sum, { waitUs }) => sum + waitUs, 0);
  const onCpuUs = seen.reduce((sum, { onCpuUs }) => sum + onCpuUs, 0);
  return waitUs / (waitUs + onCpuUs);
}

/** A whole search, as `connstorm run postmaster-limit --quick` has it; without a C compiler of the lab as it is. */
describe('a quick search', () => {
  const scenario = CAN_BUILD ? 'postmaster-limit' : 'saturate';
  const path = join(folder, 'quick.ndjson');
  let printed: CliResult = { code: null, stdout: '', stderr: '' };
  let run: ReturnType<typeof readRun>;
  beforeAll(async () => {
    printed = await runCli(['run', scenario, '--quick', '--out', path], folder);
    run = readRun(path);
  });

  it('says beforehand how long it may take, and is done by then', () => {
    expect(printed.stderr).toMatch(/about \d+ s|at most 45 s/);
    const { steps } = run.summary;
    expect(steps.at(-1)?.toUs).toBeLessThanOrEqual(45_000_000);
    expect(steps.map(({ role }) => role)).toEqual(
      expect.arrayContaining(['taste', 'baseline', 'climb']),
    );
  });

  it('finds an interval, or says why it did not', () => {
    const { capacity, accounting, validity } = run.summary;
    expect(accounting.ok).toBeGreaterThan(0);
    expect(capacity?.reason).not.toBe('');
    // So slow a server leaves time for few steps of a hundred arrivals each: bounds, more often than an interval.
    if (findWaitShare(run.records) < BUSY_SHARE) {
      expect(accounting.ok).toBeGreaterThan(100);
      expect(capacity?.kind).toMatch(/^(found|unstable)$/);
      expect(validity).toEqual({ valid: true, reasons: [] });
      expect(printed.code).toBe(0);
    } else {
      expect(capacity?.kind).toMatch(/^(found|unstable|not-reached|invalid)$/);
    }
    // No machine, however fast, forks more often: one at a time.
    if (CAN_BUILD) expect(capacity?.lowerPerSecond ?? 0).toBeLessThan(1000 / FORK_COST_MS);
  });

  it.runIf(CAN_BUILD)('names the postmaster, proven by its time on a CPU', (context) => {
    const waitShare = findWaitShare(run.records);
    if (waitShare >= BUSY_SHARE) {
      context.skip(`the postmaster waited for a CPU ${Math.round(waitShare * 100)} % of its time`);
    }
    expect(run.summary.bottleneck).toMatchObject({ cause: 'postmaster', confidence: 'proven' });
    expect(printed.stdout).toContain('what gives out: the postmaster');
    expect(printed.stdout).toContain('each fork cost');
  });

  it('has decisions that its file repeats', () => {
    replaySearch(run.header, run.records);
  });

  it('is shown again from its file exactly as it was', async () => {
    const { code, stdout } = printed;
    expect(await runCli(['report', path], folder)).toEqual({ code, stdout, stderr: '' });
  });
});
