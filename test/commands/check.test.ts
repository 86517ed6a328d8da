import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { summariseFile } from '../../src/commands/input/summarise-file.ts';
import { UsageError } from '../../src/errors.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import {
  makeAttempt,
  makeHeader,
  makeOk,
  makeSteps,
  REFUSED,
  SyntheticRun,
} from '../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../support/synthetic/synthetic-variants.ts';

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

const SPEC = { load: { executor: 'constant-arrival-rate' }, connection: { queries: 0 } };

/** Ten connects of 1 ms, by a scenario of these budgets. */
function writeRun(budgets?: string[]): string {
  const run = new SyntheticRun(makeSteps(1));
  for (let i = 0; i < 10; i++) run.ok(makeOk(1000 + i));
  const header = { ...makeHeader(), spec: SPEC, ...(budgets === undefined ? {} : { budgets }) };
  return writeRecords('run.ndjson', run.records(header));
}

function writeVariants(): string {
  const legs = ['a', 'b'].map((variant) => ({ variant, round: 1, latenciesUs: [10_000, 11_000] }));
  return writeRecords(
    'variants.ndjson',
    playVariants(
      makeVariantsHeader(['a', 'b'], { arrivalCount: 2, specs: { a: SPEC, b: SPEC } }),
      legs,
    ),
  );
}

async function execute(args: Record<string, unknown>, columns?: number) {
  const [stdout, stderr] = [1, 2].map(() => new PassThrough({ encoding: 'utf8' }));
  if (stdout === undefined || stderr === undefined) throw new Error('no streams');
  Object.assign(stdout, { columns });
  const reasons = await check.execute(args, { stdout, stderr, stdin: new PassThrough(), env: {} });
  return { reasons, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('connstorm check', () => {
  it("judges by the result's own budgets", async () => {
    const result = writeRun(['latency p(99) < 2ms', 'spawn max < 1us']);
    const { reasons, stdout } = await execute({ result });
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^budgets +measured +of +verdict$/),
      expect.stringMatching(/^latency p\(99\) < 2ms +1\.01 ms +10 +pass$/),
      expect.stringMatching(/^spawn max < 1us +.* +10 +fail$/),
    ]);
    expect(reasons).toEqual(['budgetBroken']);
  });

  it('judges by others in their place', async () => {
    const result = writeRun(['latency p(99) < 1us']);
    const { reasons, stdout } = await execute({ result, budget: ['failed rate < 1%'], json: true });
    expect(JSON.parse(stdout)).toEqual([
      {
        budget: 'failed rate < 1%',
        verdict: 'pass',
        unit: 'share',
        bound: 0.01,
        low: 0,
        high: 0,
        of: 10,
      },
    ]);
    expect(reasons).toEqual([]);
  });

  it('judges every variant, and says why it could not', async () => {
    const args = { result: writeVariants(), budget: 'tls p(99) < 1s' };
    const { reasons, stdout } = await execute(args);
    expect(stdout).toMatch(/^tls\{variant:a\} p\(99\) < 1s +- +not judged$/m);
    expect(stdout).toContain('tls{variant:b} p(99) < 1s: nothing was measured');
    expect(reasons).toContain('budgetBroken');
  });

  it('says what a run that was cut off has not shown', async () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 10; i++) run.ok(makeOk(1000));
    const records = run.records({ ...makeHeader(), spec: SPEC }, { stoppedBy: 'signal' });
    const result = writeRecords('cut.ndjson', records);
    const { reasons, stdout } = await execute({ result, budget: 'latency p(99) < 2ms' });
    expect(stdout).toContain('latency p(99) < 2ms: the run was interrupted');
    expect(reasons).toEqual(['interrupted', 'budgetBroken']);
  });

  it('says why the run itself is invalid, beside a budget that passes', async () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 100; i++) run.ok(makeOk(40_000, { latenessUs: 9000 }));
    const result = writeRecords('late-run.ndjson', run.records({ ...makeHeader(), spec: SPEC }));
    const budget = 'failed rate < 99%';
    const text = await execute({ result, budget });
    expect(text.stdout).toMatch(/pass\n+the run is invalid: LATE_GENERATOR: connstorm started/);
    expect(text.reasons).toEqual(['invalid']);
    const json = await execute({ result, budget, json: true });
    expect(JSON.parse(json.stdout)).toMatchObject([{ verdict: 'pass' }]);
    expect(json.stderr).toContain('the run is invalid: LATE_GENERATOR');
  });

  it.each(['x', [5], { a: 1 }])('reads no file whose budgets are no list: %j', async (budgets) => {
    const run = new SyntheticRun(makeSteps(1));
    run.ok(makeOk(1000));
    const header = { ...makeHeader(), budgets } as unknown as ReturnType<typeof makeHeader>;
    const result = writeRecords('damaged.ndjson', run.records(header));
    await expect(execute({ result })).rejects.toThrow('its header is not one of connstorm');
  });

  it('judges what lateness cannot touch, and tells of it in the words of the report', async () => {
    const header = makeVariantsHeader(['a', 'b'], {
      arrivalCount: 10,
      specs: { a: SPEC, b: SPEC },
    });
    const latenciesUs = Array.from({ length: 10 }, (_, index) => 40_000 + index * 1000);
    const legs = ['a', 'b'].map((variant) => ({
      variant,
      round: 1,
      latenciesUs,
      latenessUs: 9000,
    }));
    const result = writeRecords('late.ndjson', playVariants(header, legs));
    const budget = ['latency{variant:a} p(50) < 1s', 'spawn{variant:a} p(50) < 1s'];
    const { stdout, reasons } = await execute({ result, budget, json: true });
    const [latency, spawn] = JSON.parse(stdout);
    const { summary } = summariseFile(result);
    const message = summary.variants.a?.validity.reasons[0]?.message;
    expect(message).toContain('connstorm started attempts late');
    expect(latency).toMatchObject({
      verdict: 'not-judged',
      reason: `latency counts from the schedule, and ${message}`,
    });
    expect(spawn).toMatchObject({ verdict: 'pass', of: 10 });
    expect(reasons).toEqual(['budgetBroken']);
  });

  it('judges nothing where not one attempt connected, and points at nothing below', async () => {
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 10; i++) run.ended(makeAttempt({ atUs: 1000 }), 'failed', REFUSED);
    const result = writeRecords('refused.ndjson', run.records({ ...makeHeader(), spec: SPEC }));
    const { stdout, reasons } = await execute({ result, budget: 'failed rate < 50%' });
    expect(stdout).toContain('not judged');
    expect(stdout).toContain('no connect succeeded');
    expect(stdout).not.toContain('below');
    expect(reasons).toEqual(['invalid', 'budgetBroken']);
  });

  it.each<[string, unknown, string]>([
    ['no load', { connection: {} }, 'spec.load is missing: it must be a map of fields'],
    [
      'a load that is none',
      { load: 5, connection: {} },
      'spec.load must be a map of fields, got 5',
    ],
    ['a load without executor', { load: {}, connection: {} }, 'spec.load.executor is missing'],
    ['a block that is none', { load: { a: {}, b: 5 }, connection: {} }, 'spec.load.a.executor is'],
    ['no connection', { load: SPEC.load }, 'spec.connection is missing'],
    ['odd queries', { ...SPEC, connection: { queries: 'x' } }, 'spec.connection.queries must be'],
  ])('tells a header whose scenario has %s as damaged', async (_, spec, why) => {
    const header = { ...makeHeader(), spec } as unknown as ReturnType<typeof makeHeader>;
    const result = writeRecords('odd.ndjson', new SyntheticRun(makeSteps(1)).records(header));
    for (const budget of [undefined, 'latency p(99) < 1s']) {
      const refused = expect(execute({ result, budget })).rejects;
      await refused.toThrow(`${result}:1 is damaged (${why}`);
      await expect(execute({ result, budget })).rejects.toMatchObject({ code: 'RESULT_BROKEN' });
    }
  });

  it('refuses a budget of times of a search in plain words', async () => {
    const spec = { ...SPEC, load: { executor: 'saturation-search' } };
    const result = writeRecords(
      'search.ndjson',
      new SyntheticRun(makeSteps(1)).records({ ...makeHeader(), spec }),
    );
    await expect(execute({ result, budget: 'latency p(99) < 1s' })).rejects.toThrow(
      '--budget "latency p(99) < 1s" does not fit the scenario: a saturation-search tries many rates, and this figure would mix them. Use the capacity, as in: capacity value > 400/s',
    );
  });

  it('keeps to the width of a terminal', async () => {
    const budget = 'latency{variant:a} p(99.9) < 1h1m1s';
    const { stdout } = await execute({ result: writeVariants(), budget }, 40);
    expect(stdout).toContain(`${budget}\n  11.0 ms of 2, pass`);
  });

  it.each<[string, () => Record<string, unknown>, string]>([
    ['a result without budgets', () => ({ result: writeRun() }), 'has no budgets: give one'],
    [
      'what is no budget',
      () => ({ result: writeRun(), budget: 'latency < 1s' }),
      '--budget "latency < 1s" must be a budget',
    ],
    [
      'another variant',
      () => ({ result: writeVariants(), budget: 'latency{variant:c} max < 1s' }),
      '"latency{variant:c} max < 1s" selects a variant that does not exist: there are a, b',
    ],
    [
      'what a run of it would have refused',
      () => ({ result: writeRun(), budget: 'capacity value > 5/s' }),
      '--budget "capacity value > 5/s" does not fit the scenario: only a search finds a capacity',
    ],
    [
      'a variant of none',
      () => ({ result: writeRun(), budget: 'latency{variant:c} max < 1s' }),
      'selects a variant, and the scenario has none',
    ],
  ])('refuses %s', async (_, args, why) => {
    const refused = expect(execute(args())).rejects;
    await refused.toThrow(UsageError);
    await expect(execute(args())).rejects.toThrow(why);
  });
});
