import { expect, it } from 'vitest';
import { createSummary } from '../../../src/analysis/summary.ts';
import { renderReport } from '../../../src/report/terminal.ts';
import type { VariantsHeaderRecord } from '../../../src/result/records/header.ts';
import type { VariantsSummaryRecord } from '../../../src/result/records/summary-records.ts';
import { makeOk, type SyntheticRun } from '../../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../../support/synthetic/synthetic-variants.ts';

/** Ten arrivals 50 ms apart that all begin in the same moment: another load than planned. */
function bunch(run: SyntheticRun): void {
  for (let index = 0; index < 10; index++) {
    const scheduledUs = index * 50_000;
    const latenessUs = 500_000 - scheduledUs;
    run.ok(makeOk(latenessUs + 20_000, { scheduledUs, latenessUs }));
  }
}

const range = (us: number): number[] => Array.from({ length: 10 }, (_, at) => us + at * 1000);

/** Of `late` connstorm was late without harm, of `bunched` with some. */
function play(): { header: VariantsHeaderRecord; summary: VariantsSummaryRecord } {
  const names = ['whole', 'late', 'bunched'];
  const budgets = names.map((name) => `latency{variant:${name}} p(90) < 1s`);
  const header = { ...makeVariantsHeader(names, { rounds: 1 }), budgets };
  const runs = names.map((variant) => ({
    variant,
    round: 1,
    latenciesUs: variant === 'bunched' ? [] : range(20_000),
    ...(variant === 'late' ? { latenessUs: 9000 } : {}),
    ...(variant === 'bunched' ? { also: bunch } : {}),
  }));
  const fold = createSummary(header);
  for (const record of playVariants(header, runs)) fold.add(record);
  return { header, summary: fold.finish() as VariantsSummaryRecord };
}

it('says the same of each variant in the headline, the table, the summary and the budgets', () => {
  const { header, summary } = play();
  const report = renderReport(
    { summary, header },
    { columns: 400, colour: false, resultPath: null },
  );
  const { whole, late, bunched } = summary.variants;
  expect([whole, late, bunched].map((it) => it?.validity.valid)).toEqual([true, false, false]);
  expect([whole, late, bunched].map((it) => it?.lateOnly)).toEqual([undefined, true, undefined]);
  expect(summary.validity.reasons.map(({ variant }) => variant)).toEqual(['bunched']);
  const lines = report.split('\n');
  const headlines = lines.filter((line) => line.includes('LATE_GENERATOR: '));
  expect(headlines).toEqual([
    expect.stringMatching(/^INVALID bunched LATE_GENERATOR: /),
    expect.stringMatching(/^late LATE_GENERATOR: .*Do not trust/),
  ]);
  const table = lines.slice(lines.findIndex((line) => line.startsWith('connstorm itself')));
  expect(table.slice(1, 4).map((line) => line.replace(/^(\S+).* {2}(\S.*)$/, '$1: $2'))).toEqual([
    'whole: yes',
    'late: late, see above',
    'bunched: LATE_GENERATOR',
  ]);
  expect(summary.budgets.map(({ verdict, reason }) => reason ?? verdict)).toEqual([
    'pass',
    expect.stringMatching(/^latency counts from the schedule/),
    expect.stringMatching(/^the measurement is invalid: /),
  ]);
  expect(report).toContain('verdict: INVALID (bunched LATE_GENERATOR)');
});
