import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { UsageError } from '../../src/errors.ts';
import type { ResultRecord } from '../../src/result/records.ts';
import { makeHeader, makeOk, makeSteps, SyntheticRun } from '../support/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../support/synthetic-variants.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'connstorm-check-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeRecords(name: string, records: readonly ResultRecord[]): string {
  const path = join(folder, name);
  writeFileSync(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  return path;
}

/** Ten connects of 1 ms, by a scenario of these budgets. */
function writeRun(budgets?: string[]): string {
  const run = new SyntheticRun(makeSteps(1));
  for (let i = 0; i < 10; i++) run.ok(makeOk(1000 + i));
  const header = { ...makeHeader(), ...(budgets === undefined ? {} : { budgets }) };
  return writeRecords('run.ndjson', run.records(header));
}

function writeVariants(): string {
  const legs = ['a', 'b'].map((variant) => ({ variant, round: 1, latenciesUs: [10_000, 11_000] }));
  return writeRecords(
    'variants.ndjson',
    playVariants(makeVariantsHeader(['a', 'b'], { arrivalCount: 2 }), legs),
  );
}

async function execute(args: Record<string, unknown>, columns?: number) {
  const [stdout, stderr] = [1, 2].map(() => new PassThrough({ encoding: 'utf8' }));
  if (stdout === undefined || stderr === undefined) throw new Error('no streams');
  Object.assign(stdout, { columns });
  const reasons = await check.execute(args, { stdout, stderr, stdin: new PassThrough(), env: {} });
  return { reasons, stdout: String(stdout.read() ?? '') };
}

describe('connstorm check', () => {
  it("judges by the result's own budgets", async () => {
    const result = writeRun(['latency p(99) < 2ms', 'spawn max < 1us']);
    const { reasons, stdout } = await execute({ result });
    expect(stdout.trimEnd().split('\n')).toEqual([
      'budgets              measured  verdict',
      expect.stringMatching(/^latency p\(99\) < 2ms +1\.01 ms +kept$/),
      expect.stringMatching(/^spawn max < 1us +.* +broken$/),
    ]);
    expect(reasons).toEqual(['budgetBroken']);
  });

  it('judges by others in their place', async () => {
    const result = writeRun(['latency p(99) < 1us']);
    const { reasons, stdout } = await execute({ result, budget: ['failed rate < 1%'], json: true });
    expect(JSON.parse(stdout)).toEqual([
      { budget: 'failed rate < 1%', unit: 'share', value: 0, verdict: 'pass' },
    ]);
    expect(reasons).toEqual([]);
  });

  it('judges every variant, and says why it could not', async () => {
    const args = { result: writeVariants(), budget: 'firstQuery p(99) < 1s' };
    const { reasons, stdout } = await execute(args);
    expect(stdout).toMatch(/^firstQuery\{variant:a\} p\(99\) < 1s +- +not judged$/m);
    expect(stdout).toContain('firstQuery{variant:b} p(99) < 1s: nothing was measured');
    expect(reasons).toContain('budgetBroken');
  });

  it('keeps to the width of a terminal', async () => {
    const budget = 'latency{variant:a} p(99.9) < 1h1m1s';
    const { stdout } = await execute({ result: writeVariants(), budget }, 40);
    expect(stdout).toContain(`${budget}\n  11.0 ms, kept`);
  });

  it.each<[string, () => Record<string, unknown>, string]>([
    ['a result without budgets', () => ({ result: writeRun() }), 'has no budgets: name one'],
    [
      'what is no budget',
      () => ({ result: writeRun(), budget: 'latency < 1s' }),
      '--budget "latency < 1s" must be a budget',
    ],
    [
      'another variant',
      () => ({ result: writeVariants(), budget: 'latency{variant:c} max < 1s' }),
      'is of a variant that was not run: there are a, b',
    ],
    [
      'a variant of none',
      () => ({ result: writeRun(), budget: 'latency{variant:c} max < 1s' }),
      'the run has no variants',
    ],
  ])('refuses %s', async (_, args, why) => {
    const refused = expect(execute(args())).rejects;
    await refused.toThrow(UsageError);
    await expect(execute(args())).rejects.toThrow(why);
  });
});
