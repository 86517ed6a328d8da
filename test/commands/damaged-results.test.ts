import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { escapeControls } from '../../src/controls.ts';
import type { ResultRecord } from '../../src/result/records/records.ts';
import { countCases } from '../support/all-cases.ts';
import { runInProcess } from '../support/cli/cli-in-process.ts';
import { damageAt, HOSTILE_TEXT, listPlaces, pickLines } from '../support/synthetic/damage.ts';
import { makeFullResult, SPEC } from '../support/synthetic/synthetic-result.ts';
import { makeVariantsHeader, playVariants } from '../support/synthetic/synthetic-variants.ts';

const folder = mkdtempSync(join(tmpdir(), 'connstorm-damaged-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All damages of every field take minutes; by default each field has some, and each reader its turn. */
const EVERY = process.env.FUZZ_CASES === undefined ? countCases({ some: 37, all: 13 }) : 1;

const RESULTS: Record<string, ResultRecord[]> = {
  'a run': makeFullResult(),
  'a run of variants': playVariants(
    makeVariantsHeader(['a', 'b'], { rounds: 2, specs: { a: SPEC, b: SPEC } }),
    [
      { variant: 'a', round: 1, latenciesUs: Array(10).fill(1000) },
      { variant: 'b', round: 1, latenciesUs: Array(10).fill(1500) },
      { variant: 'b', round: 2, latenciesUs: Array(10).fill(1600) },
      { variant: 'a', round: 2, latenciesUs: Array(10).fill(1100) },
    ],
  ),
};

/** `whole`: the file as it was. */
const READERS: ((path: string, whole: string) => string[])[] = [
  (path) => ['report', path],
  (path) => ['report', '--json', path],
  (path) => ['check', path, '--budget', 'failed rate < 10%'],
  (path) => ['compare', path, '--force'],
  (path, whole) => ['compare', whole, path, '--force'],
];

/** No line feeds, and none of the blanks of JSON. */
function hasControls(text: string): boolean {
  return escapeControls(text.replaceAll('\n', '')) !== text.replaceAll('\n', '');
}

/** What the engine says of code that met what it did not expect. */
const INTERNAL = /Cannot (?:read|convert|destructure)|is not (?:a function|iterable)|\bundefined\b/;
const NOT_MEASURED = /\bNaN\b|undefined|Infinity|\[object/;

async function findFault(args: string[]): Promise<string | undefined> {
  const { code, stdout, stderr } = await runInProcess(args);
  if (code === 1) return `is an internal error: ${stderr}`;
  if (hasControls(stdout + stderr)) return 'prints a control character';
  const internal = INTERNAL.exec(stderr);
  if (internal !== null) return `tells of its own workings: ${stderr}`;
  const made = NOT_MEASURED.exec(stdout);
  return made === null ? undefined : `prints ${made[0]}`;
}

describe.each(Object.entries(RESULTS))('of %s', (name, records) => {
  const lines = records.map((record) => JSON.stringify(record));
  const whole = join(folder, `${name.replaceAll(' ', '-')}.ndjson`);
  writeFileSync(whole, `${lines.join('\n')}\n`);

  it('the whole file can be read by every reader', async () => {
    for (const reader of READERS.slice(0, 3)) {
      const { code, stderr } = await runInProcess(reader(whole, whole));
      expect({ code, stderr }).not.toMatchObject({ code: 104 });
    }
  });

  it.each(
    pickLines(lines).map(({ index, record }) => ({
      index,
      record,
      kind: lines[index]?.slice(0, 40),
    })),
  )('no damaged field of $kind makes a reader fail or lie', async ({ index, record }) => {
    const path = join(folder, 'damaged.ndjson');
    const faults: string[] = [];
    let turn = index;
    for (const place of listPlaces(record)) {
      for (const line of damageAt(record, place)) {
        if (++turn % EVERY !== 0) continue;
        writeFileSync(path, `${lines.with(index, line).join('\n')}\n`);
        const args = READERS[Math.floor(turn / EVERY) % READERS.length]?.(path, whole) ?? [];
        const fault = await findFault(args);
        if (fault !== undefined) faults.push(`${place.join('.')} in ${args[0]}: ${fault}`);
      }
    }
    expect(faults).toEqual([]);
  });
});

describe('a result that was cut off', () => {
  const lines = makeFullResult().map((record) => JSON.stringify(record));

  it.each(['report', 'check'])('is interrupted for %s, wherever it was cut', async (command) => {
    const path = join(folder, 'cut.ndjson');
    for (let count = 1; count < lines.length; count++) {
      const next = lines[count] ?? '';
      for (const rest of ['', next.slice(0, next.length / 2)]) {
        writeFileSync(path, `${lines.slice(0, count).join('\n')}\n${rest}`);
        expect((await runInProcess([command, path])).code).toBe(105);
      }
    }
  });

  it('has a summary that says so', async () => {
    const path = join(folder, 'cut.ndjson');
    writeFileSync(path, `${lines.slice(0, -1).join('\n')}\n`);
    const { stdout } = await runInProcess(['report', '--json', path]);
    expect(JSON.parse(stdout)).toMatchObject({ stoppedBy: 'interrupted', exitCode: 105 });
  });
});

describe('a damaged result', () => {
  const records = makeFullResult();

  async function report(change: (copy: ReturnType<typeof structuredClone<never>>[]) => void) {
    const copy = structuredClone(records) as never[];
    change(copy);
    const path = join(folder, 'told.ndjson');
    writeFileSync(path, copy.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const { code, stdout, stderr } = await runInProcess(['report', path]);
    return { code, stdout, stderr: stderr.replace(`${folder}/`, '') };
  }

  const last = records.length - 1;
  const interval = records.findIndex(({ type }) => type === 'interval');
  const generator = records.findIndex(
    (record) => record.type === 'sample' && record.probe === 'generator',
  );
  const PLAN = (records[0] as { plan: { steps: object[] } }).plan;
  const WORKER = (records[generator] as { workers?: object[] }).workers?.[0];

  it.each([
    [
      'stoppedBy',
      last,
      { stoppedBy: 'nobody' },
      `told.ndjson:${last + 1} is damaged (stoppedBy must be one of end, signal, condition, event, error, got "nobody")`,
    ],
    [
      'a layer',
      interval,
      { errors: [{ layer: HOSTILE_TEXT }] },
      `told.ndjson:${interval + 1} is damaged (errors[0].layer must be one of server, network, local, timeout, protocol`,
    ],
    [
      'a count',
      interval,
      { inFlight: -1 },
      `told.ndjson:${interval + 1} is damaged (inFlight must be a whole number from 0, got -1)`,
    ],
    [
      'a difference of two readings that is far below 0',
      generator,
      { cpuUs: -1e12 },
      `told.ndjson:${generator + 1} is damaged (cpuUs must be a number from -10000000, got -1000000000000)`,
    ],
    [
      'a share of them',
      generator,
      { workers: [{ ...WORKER, utilisation: -55 }] },
      `told.ndjson:${generator + 1} is damaged (workers[0].utilisation must be a number from -1, got -55)`,
    ],
    [
      'a step that began long before the start',
      0,
      { plan: { ...PLAN, steps: PLAN.steps.map((step) => ({ ...step, fromUs: -1e12 })) } },
      'told.ndjson:1 is damaged (plan.steps[0].fromUs must be a number from -10000000',
    ],
    ['a header', 0, { startedAt: 5 }, 'told.ndjson:1 is damaged (startedAt must be a time such as'],
    [
      'waits',
      last,
      { scram: { ...(records[last] as { scram?: object }).scram, waits: { count: 0 } } },
      `told.ndjson:${last + 1} is damaged (scram.waits.minUs is missing: it must be a whole number from 0)`,
    ],
  ])('is told with its line and field: %s', async (_, index, damage, message) => {
    const { code, stdout, stderr } = await report((copy) => {
      copy[index] = { ...(copy[index] as object), ...damage } as never;
    });
    expect({ code, stdout }).toEqual({ code: 104, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(
      /: connstorm does not read damaged files \(a file that is only cut off at its end can be read\)\n$/,
    );
  });

  it('is told where a sum of its histogram contradicts the rest', async () => {
    const { code, stderr } = await report((copy) => {
      const scram = (copy[last] as { scram: { waits: object } }).scram;
      scram.waits = { ...scram.waits, sumUs: 1e12 };
    });
    expect(code).toBe(104);
    expect(stderr).toContain(
      'scram.waits.sumUs 1000000000000 cannot be the sum of 3 values from 0 to 1100',
    );
  });

  it('may have fields and kinds of records that a newer connstorm writes', async () => {
    const { code } = await report((copy) => {
      copy[interval] = { ...(copy[interval] as object), later: { x: [1, 'a', null] } } as never;
      copy.splice(1, 0, { type: 'later', atUs: 1 } as never);
    });
    expect(code).toBe((await report(() => {})).code);
    expect(code).not.toBe(104);
  });
});
