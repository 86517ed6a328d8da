import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { describeEnd, describeInvalidity } from '../../src/report/closing.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { HeaderRecord } from '../../src/result/records/header.ts';
import { renderSearch } from '../support/synthetic/render-search.ts';
import {
  makeAttempt,
  makeHeader,
  makeOk,
  makeSteps,
  REFUSED,
  SyntheticRun,
} from '../support/synthetic/synthetic-run.ts';

const PATH = 'results/20260101T000000Z-steady.ndjson';

function render(
  header: HeaderRecord,
  { lateUs = 100, refused = 0, isWhole = true, columns = 200 } = {},
): string {
  const run = new SyntheticRun(makeSteps(1));
  for (let i = 0; i < 100; i++)
    run.ok(makeOk((i + 1) * 1000, { latenessUs: Math.min(lateUs, i * 900) }));
  for (let i = 0; i < refused; i++) run.ended(makeAttempt({ atUs: 9 }), 'failed', REFUSED);
  const records = run.records(header);
  const fold = createSummary(records[0] as HeaderRecord);
  for (const record of records) {
    if (isWhole || record.type !== 'end') fold.add(record);
  }
  const summary = fold.finish();
  return renderReport({ summary, header }, { columns, colour: false, resultPath: PATH });
}

/** The last paragraph. */
function readEnd(report: string): string[] {
  return report.trimEnd().split('\n\n').at(-1)?.split('\n') ?? [];
}

describe('the end of a report', () => {
  it('is the verdict and the path of the result', () => {
    expect(readEnd(render(makeHeader()))).toEqual([
      'verdict: valid; offered 100/s, achieved 100/s over 1 s',
      `result: ${PATH}`,
    ]);
  });

  it('tells of failures, and of each budget that did not pass', () => {
    const budgets = ['latency p(99) < 20ms', 'failed rate < 50%', 'capacity value > 400/s'];
    const end = readEnd(render({ ...makeHeader(), budgets }, { refused: 25 }));
    expect(end[0]).toBe(
      'verdict: valid; offered 125/s, achieved 100/s over 1 s; 25 of 125 attempts failed (20%)',
    );
    expect(end[1]).toMatch(/^latency p\(99\) < 20ms failed \(measured /);
    expect(end[2]).toMatch(/^capacity value > 400\/s was not judged \(/);
    expect(end[3]).toBe(`result: ${PATH}`);
    expect(end).toHaveLength(4);
  });

  it('says that budgets passed', () => {
    const end = readEnd(render({ ...makeHeader(), budgets: ['latency p(99) < 20s'] }));
    expect(end).toEqual([
      expect.stringMatching(/^verdict: /),
      'the budget passed',
      `result: ${PATH}`,
    ]);
  });

  it('does not hide that figures are invalid, or that the run was cut off', () => {
    expect(readEnd(render(makeHeader(), { lateUs: 40_000 }))[0]).toMatch(
      /^verdict: INVALID \(LATE_GENERATOR\); offered /,
    );
    expect(readEnd(render(makeHeader(), { isWhole: false }))[0]).toMatch(
      /^verdict: interrupted: connstorm was cut off, so the file has no end; valid; offered /,
    );
  });

  it('is what a search found, and what gave out', () => {
    const report = renderSearch(
      {
        kind: 'found',
        lowerPerSecond: 402,
        upperPerSecond: 421,
        reason: '402 of 421/s achieved',
        confirmed: true,
        curve: [],
      },
      { columns: 200, bottleneck: { cause: 'postmaster', confidence: 'inferred', evidence: [] } },
    );
    expect(readEnd(report)).toEqual([
      'verdict: sustains 402-421 connects/s (found; confirmed at 362/s for 8 s); what gives out: the postmaster, which takes one connect at a time (inferred, not proven)',
    ]);
  });

  it('fits 60 columns', () => {
    for (const line of readEnd(render(makeHeader(), { columns: 60 }))) {
      expect(line.length).toBeLessThanOrEqual(60);
    }
  });
});

describe('what figures mean', () => {
  const SPAWN = "spawn ends with the server's answer to SSLRequest";

  it('is told where it is asked for, else how to ask', () => {
    expect(render(makeHeader())).not.toContain(SPAWN);
    expect(render(makeHeader())).toContain('\n--explain explains the figures\n');
  });

  it('is told of the figure that a budget is about', () => {
    const report = render({ ...makeHeader(), budgets: ['spawn p(99) < 5ms'] });
    expect(report).toContain(`\n${SPAWN}\n`);
  });
});

it('says in one line why a run is invalid, and what ended it, where no report does', () => {
  const validity = {
    valid: false,
    reasons: [
      { code: 'LATE_GENERATOR', message: 'late' },
      { code: 'GENERATOR_STARVED', message: 'starved' },
      { code: 'LATE_GENERATOR', message: 'late' },
    ],
  };
  expect(describeInvalidity({ validity } as never)).toEqual([
    'the run is invalid: LATE_GENERATOR: late; GENERATOR_STARVED: starved',
  ]);
  expect(describeInvalidity({ validity: { valid: true, reasons: [] } })).toEqual([]);
  expect(describeEnd({ stoppedBy: 'condition', reason: 'failed rate > 5%' })).toEqual([
    'stopped by a condition: failed rate > 5%',
  ]);
  expect(describeEnd({ stoppedBy: 'signal' })).toEqual(['interrupted']);
  expect(describeEnd({ stoppedBy: 'end' })).toEqual([]);
});
