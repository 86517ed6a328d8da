import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { listReasons, referToReasons } from '../../src/report/refer.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { SummaryRecord } from '../../src/result/records/summary-records.ts';
import { INVALID, planSearch } from '../support/synthetic/synthetic-capacity.ts';
import { makeHeader, makeOk, makeSteps, SyntheticRun } from '../support/synthetic/synthetic-run.ts';

const KEYS = {
  code: 'SCRAM_CPU',
  message: "connstorm's own SCRAM computation kept logins waiting",
};
const NONE = { code: 'CAPACITY_INVALID', message: `no capacity was found: ${KEYS.message}` };

describe('a reason that stands elsewhere', () => {
  it('is referred to by its code', () => {
    expect(referToReasons(`invalid: ${KEYS.message}`, [KEYS])).toBe(
      'invalid: SCRAM_CPU (see above)',
    );
    expect(listReasons([KEYS, NONE]).map(({ message }) => message)).toEqual([
      KEYS.message,
      'no capacity was found: SCRAM_CPU (see above)',
    ]);
  });

  it.each([
    ['of the whole run', [KEYS, NONE]],
    ['of its last step', [NONE]],
  ])('stands once in the report of a search that ended by it: %s', (_, reasons) => {
    const header = makeHeader({ steps: makeSteps(1) });
    const run = new SyntheticRun(makeSteps(1));
    for (let i = 0; i < 10; i++) run.ok(makeOk(5000));
    const fold = createSummary(header);
    for (const record of run.records(header)) fold.add(record);
    const reason = `the measurement is invalid: ${NONE.message}`;
    const budget = { verdict: 'not-judged', unit: 'us', low: null, high: null, reason } as const;
    const summary: SummaryRecord = {
      ...(fold.finish() as SummaryRecord),
      validity: { valid: false, reasons },
      capacity: { ...INVALID, reason: KEYS.message },
      budgets: [
        { ...budget, budget: 'latency p(99) < 5ms', bound: 5000 },
        { ...budget, budget: 'latency p(50) < 1ms', bound: 1000 },
      ],
    };
    const report = renderReport(
      { summary, header: { ...header, plan: planSearch(header.plan) } },
      { columns: 200, colour: false, resultPath: null },
    );
    expect(report.split(KEYS.message)).toHaveLength(2);
    expect(report).toContain(`connstorm gave out first: ${reasons[0]?.code} (see below)`);
    expect(report).toContain(
      'latency p(99) < 5ms, latency p(50) < 1ms: the measurement is invalid',
    );
  });
});
