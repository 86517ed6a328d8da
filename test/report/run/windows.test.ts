import { describe, expect, it } from 'vitest';
import { createSummary } from '../../../src/analysis/summary.ts';
import { VariantsFold } from '../../../src/analysis/variants-fold.ts';
import { isUneven } from '../../../src/report/run/windows.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import { liftHeader } from '../../../src/result/lift.ts';
import type { HeaderRecord, StepRecord } from '../../../src/result/records/header.ts';
import type { SummaryRecord } from '../../../src/result/records/summary-records.ts';
import {
  makeAttempt,
  makeHeader,
  makeOk,
  REFUSED,
  SECOND_US,
  SyntheticRun,
} from '../../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../../support/synthetic/synthetic-variants.ts';

/** 100/s for `seconds`; what is due in the third second is served a second late, and one in the fifth is refused. */
function play(
  seconds: number,
  step: Partial<StepRecord> = {},
  executor?: string,
  { isCalm = false } = {},
) {
  const rates = { startRatePerSecond: 100, endRatePerSecond: 100 };
  const steps = [{ index: 0, fromUs: 0, toUs: seconds * SECOND_US, ...rates, ...step }];
  const run = new SyntheticRun(steps);
  for (let i = 0; i < seconds * 100; i++) {
    const scheduledUs = i * 10_000;
    const isHeldUp = !isCalm && Math.floor(i / 100) === 2;
    run.ok(makeOk(isHeldUp ? SECOND_US : 5000, { index: i, scheduledUs, latenessUs: 100 }));
  }
  if (seconds >= 5 && !isCalm)
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
    const table = report.slice(
      report.indexOf('window '),
      report.indexOf('attempts are counted in'),
    );
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

describe('the windows of variants', () => {
  /** `calm` and a variant whose windows are those of `play(10)`, in two rounds. */
  function renderVariants(stalled: string, columns: number): string {
    const names = ['calm', stalled];
    const made = makeVariantsHeader(names, { rounds: 2 });
    const header = {
      ...made,
      variants: made.variants.map((variant) => ({
        ...variant,
        plan: { ...variant.plan, durationUs: 10 * SECOND_US },
      })),
    };
    const fold = new VariantsFold(liftHeader(header), '0.1.0');
    const legs = header.rounds.flatMap(({ round, order }) =>
      order.map((variant) => ({ variant, round, latenciesUs: Array(10).fill(5000) })),
    );
    for (const record of playVariants(header, legs)) fold.add(record);
    const summary = fold.finish();
    const variants = Object.entries(summary.variants).map(([name, figures]) => {
      const { windows = [] } = play(10, {}, undefined, { isCalm: name === 'calm' }).summary;
      return [name, { ...figures, windows }] as const;
    });
    return renderReport(
      { header, summary: { ...summary, variants: Object.fromEntries(variants) } },
      { columns, colour: false, resultPath: null },
    );
  }

  it('are shown of those alone whose windows differ, with what is merged in them', () => {
    const report = renderVariants('offered', 80);
    expect(report).toMatch(
      /^offered +offered +achieved +failed +dropped +p50 +p99\n0-1 s +100\/s/m,
    );
    expect(report).toMatch(/^3-4 s .* 1\.00 s$/m);
    expect(report).not.toMatch(/^calm +offered/m);
    const text = report.replace(/\s+/g, ' ');
    expect(text).toContain('each window has the figures of the same part of all 2 rounds');
  });

  it('are whole at 60 columns, whatever the name', () => {
    const report = renderVariants('a-variant-with-a-name-that-is-long', 60);
    const table = report.slice(report.search(/^a-var\S+ +offered/m)).split('\n\n')[0] ?? '';
    const lines = table.split('\n');
    expect(lines.filter((line) => /^\d+-\d+ s /.test(line))).toHaveLength(10);
    expect(lines[0]).toMatch(/ achieved .* p99$/);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(60);
  });
});

describe('a window is unlike the others', () => {
  const WINDOW = (play(10, {}, undefined, { isCalm: true }).summary.windows ?? []).slice(0, 9);
  const latency = WINDOW[0]?.latency;

  it.each<[string, boolean, object]>([
    ['where all are alike', false, {}],
    ['by refusals', true, { failed: 3 }],
    ['by drops', true, { dropped: 1 }],
    ['by what it achieved', true, { achievedPerSecond: 20 }],
    ['not where little came', false, { offeredPerSecond: 20, achievedPerSecond: 20 }],
    ['by its slowest', true, { latency: { ...latency, p99Us: 900_000 } }],
    ['not by some milliseconds', false, { latency: { ...latency, p99Us: 50_000 } }],
  ])('%s', (_, uneven, change) => {
    const windows = WINDOW.map((window, at) => (at === 4 ? { ...window, ...change } : window));
    expect(isUneven(windows, 10 * SECOND_US)).toBe(uneven);
  });

  it('not where nothing came but in the time after the load', () => {
    const late = WINDOW.map((window, at) =>
      at === 8 ? { ...window, achievedPerSecond: 1 } : window,
    );
    expect(isUneven(late, 8 * SECOND_US)).toBe(false);
  });
});
