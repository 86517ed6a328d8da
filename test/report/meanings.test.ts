import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { VariantsFold } from '../../src/analysis/variants-fold.ts';
import type { SummaryMetric } from '../../src/model/measures.ts';
import { LABELS } from '../../src/report/run/metrics.ts';
import { renderReport } from '../../src/report/terminal.ts';
import { liftHeader } from '../../src/result/lift.ts';
import type { HeaderRecord } from '../../src/result/records/header.ts';
import { makeFullResult } from '../support/synthetic/synthetic-result.ts';
import { makeHeader, makeOk, makeSteps, SyntheticRun } from '../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../support/synthetic/synthetic-variants.ts';

const WIDE = 1000;

function explain(records = makeFullResult(), columns = WIDE, isAsked = true): string {
  const header = records[0] as HeaderRecord;
  const fold = createSummary(header);
  for (const record of records) fold.add(record);
  const options = { columns, colour: false, resultPath: null, explain: isAsked };
  return renderReport({ summary: fold.finish(), header }, options);
}

/** The terms that are explained. */
function listTerms(report: string): string[] {
  const section = report.split('what the figures mean\n')[1]?.split('\n\n')[0] ?? '';
  return section.split('\n').map((line) => line.slice(0, line.indexOf(': ')));
}

describe('--explain', () => {
  const report = explain();
  const terms = listTerms(report);

  it('explains every row of a plain run, its columns and its ledgers', () => {
    const rows = [...report.matchAll(/^( {0,2}[a-z][a-z ]*?) {2,}[\d,]+ {2}/gm)].map(
      ([, row = '']) => row.trim(),
    );
    expect(rows).toEqual(
      expect.arrayContaining(['latency', 'service time', 'tcp', 'spawn', 'ready']),
    );
    expect(terms).toEqual(expect.arrayContaining(rows));
    expect(terms).toEqual(
      expect.arrayContaining([
        'count',
        'p50, p90, p99, p99.9',
        'max',
        'offered',
        'achieved',
        'failed',
      ]),
    );
  });

  it('explains nothing that is not shown', () => {
    const labels = (Object.keys(LABELS) as SummaryMetric[]).map((metric) => LABELS[metric].trim());
    const table = report.split('what the figures mean')[0] ?? '';
    for (const term of terms.filter((it) => labels.includes(it))) expect(table).toContain(term);
    for (const absent of ['tls', 'close', 'queue wait', 'sessions', 'sustains', 'dropped']) {
      expect(terms).not.toContain(absent);
    }
    expect(listTerms(explain(makeFullResult(), 50))).not.toContain('p50, p90, p99, p99.9');
  });

  it('says it in whole sentences that fit, and only when asked', () => {
    for (const line of explain(makeFullResult(), 60).split('\n'))
      expect(line.length).toBeLessThanOrEqual(60);
    const unasked = explain(makeFullResult(), WIDE, false);
    expect(unasked).not.toMatch(/^what the figures mean$/m);
    expect(unasked).toContain('--explain explains the figures');
  });

  it('explains the columns of a ramp as well', () => {
    const run = new SyntheticRun(makeSteps(2)).ok(makeOk(1000));
    expect(listTerms(explain(run.records(makeHeader({ steps: makeSteps(2) }))))).toContain(
      'window',
    );
    expect(terms).not.toContain('window');
  });

  it('explains those of variants', () => {
    const header = makeVariantsHeader(['a', 'b']);
    const fold = new VariantsFold(liftHeader(header), '0.1.0');
    const legs = ['a', 'b'].map((variant) => ({ variant, round: 1, latenciesUs: [1000] }));
    for (const record of playVariants(header, legs)) fold.add(record);
    const options = { columns: WIDE, colour: false, resultPath: null, explain: true };
    const told = listTerms(renderReport({ summary: fold.finish(), header }, options));
    expect(told).toEqual(expect.arrayContaining(['latency', 'service time', 'spawn', 'p50, p99']));
    expect(told).not.toContain('max');
    expect(told).not.toContain('slowest 1 %');
    expect(told).not.toContain('busy');
  });
});
