import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { HeaderRecord, StepRecord } from '../../src/result/header.ts';
import type { SummaryRecord } from '../../src/result/summary-records.ts';
import {
  makeAttempt,
  makeHeader,
  makeOk,
  REFUSED,
  SECOND_US,
  SyntheticRun,
} from '../support/synthetic-run.ts';

/** 100/s for `seconds`; what is due in the third second is served a second late, and one in the fifth is refused. */
function play(seconds: number, step: Partial<StepRecord> = {}, executor?: string) {
  const rates = { startRatePerSecond: 100, endRatePerSecond: 100 };
  const steps = [{ index: 0, fromUs: 0, toUs: seconds * SECOND_US, ...rates, ...step }];
  const run = new SyntheticRun(steps);
  for (let i = 0; i < seconds * 100; i++) {
    const scheduledUs = i * 10_000;
    const isHeldUp = Math.floor(i / 100) === 2;
    run.ok(makeOk(isHeldUp ? SECOND_US : 5000, { index: i, scheduledUs, latenessUs: 100 }));
  }
  if (seconds >= 5)
    run.ended(
      makeAttempt({ scheduledUs: 4_500_000, startUs: 4_500_000, atUs: 4_500_000 }),
      'failed',
      REFUSED,
    );
  const made = makeHeader({ steps });
  const header = executor === undefined ? made : { ...made, plan: { ...made.plan, executor } };
  const records = run.records(header);
  const fold = createSummary(records[0] as HeaderRecord);
  for (const record of records) fold.add(record);
  return { header: records[0] as HeaderRecord, summary: fold.finish() as SummaryRecord };
}

function render(run: ReturnType<typeof play>, columns = 80): string {
  return renderReport(run, { columns, colour: false, resultPath: null });
}

describe('the windows of a load of one rate', () => {
  it('show when it was that attempts were held up or failed', () => {
    const report = render(play(10));
    const table = report.slice(report.indexOf('window '), report.indexOf('by the moment'));
    const rows = table
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows[0]).toEqual(['window', 'offered', 'achieved', 'failed', 'dropped', 'p50', 'p99']);
    expect(rows).toHaveLength(11);
    const achieved = Object.fromEntries(rows.slice(1).map(([window, , rate]) => [window, rate]));
    // The third second's come in the fourth, but for one on the edge.
    expect(Number.parseFloat(achieved['2-3 s'] ?? '')).toBeLessThan(3);
    expect(Number.parseFloat(achieved['3-4 s'] ?? '')).toBeGreaterThan(190);
    expect(achieved['8-9 s']).toBe('100/s');
    expect(rows.find(([window]) => window === '4-5 s')?.[3]).toBe('1');
    expect(rows.find(([window]) => window === '3-4 s')?.at(-1)).toBe('1.00 s');
  });

  it.each([
    [9, 9],
    [25, 9],
    [60, 10],
  ])('are for %d s of load %d', (seconds, count) => {
    expect(play(seconds).summary.windows).toHaveLength(count);
  });

  it('are not told of a second, nor of a herd', () => {
    expect(play(1).summary.windows).toBeUndefined();
    expect(play(5, {}, 'burst').summary.windows).toBeUndefined();
  });

  it('fit 60 columns', () => {
    for (const line of render(play(10), 60).split('\n'))
      expect(line.length).toBeLessThanOrEqual(60);
  });
});
