import { describe, expect, it } from 'vitest';
import { describeBudget, renderBudgets } from '../../../src/report/run/budgets.ts';
import { renderSections } from '../../../src/report/terminal.ts';
import { createPaint } from '../../../src/report/text/paint.ts';
import type { BudgetResult } from '../../../src/result/records/summary-records.ts';

const paint = createPaint(false);

function makeResult(overrides: Partial<BudgetResult> = {}): BudgetResult {
  return {
    budget: 'latency p(99) < 250ms',
    verdict: 'pass',
    unit: 'us',
    bound: 250_000,
    low: 100_000,
    high: 100_000,
    of: 1000,
    ...overrides,
  };
}

function render(result: BudgetResult, columns = 80): string[] {
  return renderSections([renderBudgets([result], { columns, paint })], paint)
    .trimEnd()
    .split('\n');
}

/** The cell of what was measured. */
function measure(overrides: Partial<BudgetResult>): string {
  return render(makeResult({ ...overrides, of: 7 }))[1]?.match(/\s{2,}(.*\S)\s+7\s/)?.[1] ?? '';
}

describe('the budgets of a report', () => {
  it.each<[Partial<BudgetResult>, string]>([
    [{}, '100 ms'],
    [{ high: 120_000 }, '100 ms to 120 ms'],
    [{ high: null }, 'at least 100 ms'],
    [{ low: null }, 'at most 100 ms'],
    [{ low: null, high: null }, '-'],
    [{ unit: 'share', bound: 0.01, low: 0.007, high: 0.007 }, '0.7%'],
    [{ unit: 'count', bound: 0, low: 0, high: 1200 }, '0 to 1,200'],
    [{ unit: 'perSecond', bound: 500, low: 402.2, high: 421.4 }, '402/s to 421/s'],
  ])('%j: %s', (overrides, text) => {
    expect(measure(overrides)).toBe(text);
  });

  it.each<[Partial<BudgetResult>, string]>([
    [{ low: 250_400, high: 250_400 }, '250.4 ms'],
    [{ low: 250_000, high: 250_000 }, '250 ms'],
    [{ unit: 'share', bound: 0.001, low: 0.00104, high: 0.00104 }, '0.104%'],
    [{ unit: 'perSecond', bound: 400, low: 399.75, high: 399.75 }, '399.75/s'],
  ])('never rounds onto the bound: %j is %s', (overrides, text) => {
    expect(measure(overrides)).toBe(text);
  });

  it('say why one was not judged, and keep to a narrow terminal', () => {
    const result = makeResult({ verdict: 'not-judged', high: null, reason: 'nobody knows' });
    expect(render(result)).toEqual([
      expect.stringMatching(/^budgets +measured +of +verdict$/),
      expect.stringMatching(/^latency p\(99\) < 250ms +at least 100 ms +1,000 +not judged$/),
      expect.stringContaining('latency p(99) < 250ms: nobody knows'),
    ]);
    const lines = render(result, 40);
    expect(lines.every((line) => line.length <= 40)).toBe(true);
    expect(lines.join(' ')).toContain('at least 100 ms of 1,000, not judged');
  });

  it('are a line each where there is no report', () => {
    const broken = makeResult({ verdict: 'fail', low: 312_000, high: 312_000 });
    expect(describeBudget(broken)).toBe('latency p(99) < 250ms failed (measured 312 ms)');
    const open = makeResult({ verdict: 'not-judged', low: null, high: null, reason: 'no data' });
    expect(describeBudget(open)).toBe('latency p(99) < 250ms was not judged (no data)');
  });
});
