import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { report } from '../../src/commands/report.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { makeHeader, makeOk, makeSteps, SyntheticRun } from '../support/synthetic/synthetic-run.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-report-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function makeRecords(): ResultRecord[] {
  const run = new SyntheticRun(makeSteps(1));
  for (let i = 0; i < 10; i++) run.ok(makeOk(1000 + i));
  return run.records(makeHeader());
}

function writeRecords(name: string, records: ResultRecord[]): string {
  const path = join(folder, name);
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return path;
}

async function execute(args: Record<string, unknown>) {
  const [stdout, stderr] = [1, 2].map(() => new PassThrough({ encoding: 'utf8' }));
  if (stdout === undefined || stderr === undefined) throw new Error('no streams');
  const reasons = await report.execute(args, { stdout, stderr, stdin: new PassThrough(), env: {} });
  return { reasons, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('connstorm report', () => {
  it('prints the report of a file', async () => {
    const path = writeRecords('whole.ndjson', makeRecords());
    const { reasons, stdout, stderr } = await execute({ file: [path] });
    expect(reasons).toEqual([]);
    expect(stdout).toContain('attempts: 10 started = 10 ok');
    expect(stdout).toContain('result: ');
    expect(stderr).toBe('');
  });

  it('refuses to explain a report that is not printed', async () => {
    const path = writeRecords('whole.ndjson', makeRecords());
    await expect(execute({ file: [path], json: true, explain: true })).rejects.toMatchObject({
      code: 'FLAGS_CLASH',
      message:
        '--explain explains the report, and with --json there is none: use one of the two flags',
    });
  });

  it('prints the summaries alone as JSON, one a line', async () => {
    const path = writeRecords('whole.ndjson', makeRecords());
    const { stdout } = await execute({ file: [path, path], json: true });
    const summaries = stdout.trimEnd().split('\n');
    expect(summaries).toHaveLength(2);
    const summary = JSON.parse(summaries[0] ?? '') as SummaryRecord;
    expect(summary).toMatchObject({ type: 'summary', exitCode: 0, accounting: { ok: 10 } });
  });

  it('says in JSON when, where and against what each was measured, and its path', async () => {
    const path = writeRecords('whole.ndjson', makeRecords());
    const { stdout } = await execute({ file: [path], json: true });
    expect(JSON.parse(stdout)).toMatchObject({
      measured: {
        startedAt: '2026-01-01T00:00:00.000Z',
        connstorm: '0.1.0',
        generator: { os: 'Linux 6.1', cpuCount: 2 },
        targets: [{ host: '127.0.0.1', user: 'storm', serverVersion: '18.4' }],
        path,
      },
    });
  });

  it('gives each of several files a heading, and a single one none', async () => {
    const path = writeRecords('whole.ndjson', makeRecords());
    const other = writeRecords('other.ndjson', makeRecords());
    const { stdout } = await execute({ file: [path, other] });
    const headings = stdout
      .replaceAll('\n   ', '')
      .split('\n')
      .filter((line) => line.startsWith('== '));
    expect(headings).toEqual([`== 1 of 2: ${path}`, `== 2 of 2: ${other}`]);
    expect(stdout).toContain('\n\n== 2 of 2: ');
    expect((await execute({ file: [path] })).stdout).not.toContain('== ');
  });

  it('shows the label, and explains figures where it is asked to', async () => {
    const [header, ...others] = makeRecords();
    const labelled = { ...header, label: 'after the upgrade' } as ResultRecord;
    const path = writeRecords('labelled.ndjson', [labelled, ...others]);
    const plain = (await execute({ file: [path] })).stdout;
    expect(plain).toContain('\nlabel: after the upgrade\n');
    expect(plain).not.toContain('spawn ends with');
    const { stdout } = await execute({ file: [path], explain: true });
    expect(stdout).toContain("\nspawn ends with the server's answer to SSLRequest\n");
  });

  it('reads a file that was cut off as interrupted', async () => {
    const path = writeRecords('cut.ndjson', makeRecords().slice(0, -1));
    const { reasons, stdout } = await execute({ file: [path] });
    expect(reasons).toEqual(['interrupted']);
    expect(stdout).toContain('connstorm was cut off');
  });

  it('finds a file invalid whose counts contradict each other', async () => {
    const records = makeRecords().map((record) =>
      record.type === 'interval' ? { ...record, inFlight: 3 } : record,
    );
    const { reasons, stdout } = await execute({ file: writeRecords('bad.ndjson', records) });
    expect(reasons).toEqual(['invalid']);
    expect(stdout).toContain('INVALID ACCOUNTING');
  });

  it('names the line of a damaged histogram', async () => {
    const text = JSON.stringify(makeRecords()).replaceAll(/"data":"[^"]{8}/g, '"data":"AAAAAAAA');
    const path = writeRecords('damaged.ndjson', JSON.parse(text) as ResultRecord[]);
    await expect(execute({ file: [path] })).rejects.toThrow(`${path}:2 is damaged`);
  });

  it('refuses what is no result', async () => {
    await expect(execute({ file: [folder] })).rejects.toMatchObject({ exit: 'usage' });
  });
});
