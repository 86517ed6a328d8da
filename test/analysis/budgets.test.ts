import { describe, expect, it } from 'vitest';
import { type JudgedRun, judgeBudgets } from '../../src/analysis/budgets.ts';
import { findExitReasons } from '../../src/analysis/exit-reasons.ts';
import { zeroCounts } from '../../src/result/accounting.ts';
import type { BudgetResult, Capacity } from '../../src/result/summary-records.ts';
import { makeMetric, VALID } from '../support/synthetic-side.ts';

type Judged = JudgedRun['summary'];

/** A thousand attempts, all ok, with p99 of latency at 100 ms. */
function makeRun(overrides: Partial<Judged> = {}, name?: string): JudgedRun {
  const counts = { ...zeroCounts(), due: 1000, begun: 1000, started: 1000, ok: 1000 };
  return {
    name,
    summary: {
      validity: VALID,
      accounting: { ...counts, inFlight: 0 },
      metrics: { latency: makeMetric(20_000, { p99Us: 100_000, p999Us: 200_000, maxUs: 300_000 }) },
      capacity: null,
      ...overrides,
    },
  };
}

/** Of a thousand, `failed` were refused. */
function refuse(failed: number): JudgedRun {
  const run = makeRun();
  const { accounting, metrics } = run.summary;
  const ok = 1000 - failed;
  return makeRun({
    accounting: { ...accounting, ok, failed },
    metrics: { latency: makeMetric(20_000, { ...metrics.latency, count: ok }) },
  });
}

function judge(text: string, run = makeRun()): BudgetResult | undefined {
  return judgeBudgets([text], [run])[0];
}

function search(capacity: Partial<Capacity>): JudgedRun {
  const found: Capacity = {
    kind: 'found',
    lowerPerSecond: 380,
    upperPerSecond: 420,
    reason: 'fell behind',
    confirmed: true,
    curve: [],
  };
  return makeRun({ capacity: { ...found, ...capacity } });
}

describe('a budget is kept', () => {
  it.each<[string, BudgetResult['verdict'], number]>([
    ['latency p(99) < 101ms', 'pass', 100_000],
    ['latency p(99) <= 100ms', 'pass', 100_000],
    ['latency p(99) < 100ms', 'fail', 100_000],
    ['latency max < 299ms', 'fail', 300_000],
    ['latency p(50) < 21ms', 'pass', 20_000],
    ['failed rate < 0.1%', 'pass', 0],
    ['failed count < 0', 'fail', 0],
    ['dropped count <= 0', 'pass', 0],
  ])('or broken: %s is %s', (text, verdict, value) => {
    expect(judge(text)).toMatchObject({ budget: text, verdict, value });
  });

  it('by shares of what was started, and of what was due', () => {
    const { accounting } = makeRun().summary;
    const run = makeRun({
      accounting: { ...accounting, due: 2000, dropped: 1000, ok: 990, failed: 10 },
    });
    expect(judge('failed rate <= 1%', run)).toMatchObject({ verdict: 'pass', value: 0.01 });
    expect(judge('dropped rate < 50%', run)).toMatchObject({ verdict: 'fail', value: 0.5 });
  });

  it.each<[number, string, BudgetResult['verdict']]>([
    [0, 'latency p(99) < 101ms', 'pass'],
    // Rank 990 of all is the last that was served: somewhere up to the largest.
    [10, 'latency p(99) < 101ms', 'not-judged'],
    [10, 'latency p(99) < 301ms', 'pass'],
    [20, 'latency p(99) < 1h', 'not-judged'],
    [20, 'latency p(99) < 99ms', 'fail'],
    [20, 'latency p(95) < 300ms', 'pass'],
    [1, 'latency max < 1h', 'not-judged'],
  ])('not by survivors: with %i of 1000 refused %s is %s', (failed, text, verdict) => {
    expect(judge(text, refuse(failed))?.verdict).toBe(verdict);
  });

  it('not by a lower bound', () => {
    const latency = makeMetric(20_000, { count: 980, censored: 20, atLeast: ['p99Us', 'maxUs'] });
    const run = makeRun({ metrics: { latency } });
    expect(judge('latency p(99) < 30ms', run)).toEqual({
      budget: 'latency p(99) < 30ms',
      unit: 'us',
      verdict: 'not-judged',
      value: 20_000,
      atLeast: true,
      reason: '20 of 1000 have no value and rank behind all others',
    });
    expect(judge('latency p(99) < 10ms', run)).toMatchObject({ verdict: 'fail', atLeast: true });
  });

  it('not by an invalid measurement, whatever it says', () => {
    const validity = { valid: false, reasons: [{ code: 'LATE_GENERATOR', message: 'late' }] };
    for (const text of ['latency p(99) < 1h', 'latency p(99) < 1us', 'failed rate < 1%']) {
      expect(judge(text, makeRun({ validity }))).toMatchObject({
        verdict: 'not-judged',
        value: null,
        reason: 'the measurement is invalid',
      });
    }
  });

  it('not where nothing was measured', () => {
    const serviceTime = makeMetric(20_000);
    expect(judge('tls p(99) < 1s')).toMatchObject({
      verdict: 'not-judged',
      value: null,
      reason: 'nothing was measured',
    });
    expect(judge('latency p(99) < 1s', makeRun({ metrics: { serviceTime } }))?.reason).toContain(
      'use serviceTime',
    );
    const accounting = { ...zeroCounts(), inFlight: 0 };
    expect(judge('failed rate < 1%', makeRun({ accounting }))?.verdict).toBe('not-judged');
  });
});

describe('a budget of capacity', () => {
  it.each<[string, Partial<Capacity>, BudgetResult['verdict']]>([
    ['capacity value > 379/s', {}, 'pass'],
    ['capacity value > 380/s', {}, 'not-judged'],
    ['capacity value >= 380/s', {}, 'pass'],
    ['capacity value > 400/s', {}, 'not-judged'],
    ['capacity value > 420/s', {}, 'fail'],
    ['capacity value > 370/s', { kind: 'not-reached', upperPerSecond: null }, 'pass'],
    ['capacity value > 500/s', { kind: 'not-reached', upperPerSecond: null }, 'not-judged'],
    // Where connstorm gave out first the upper rate is none of the server's.
    ['capacity value > 500/s', { kind: 'invalid' }, 'not-judged'],
    ['capacity value > 370/s', { kind: 'invalid' }, 'pass'],
    ['capacity value > 430/s', { kind: 'wall' }, 'fail'],
    ['capacity value > 370/s', { confirmed: false }, 'not-judged'],
    ['capacity value > 430/s', { confirmed: false }, 'fail'],
    ['capacity value > 1/s', { lowerPerSecond: null }, 'not-judged'],
    ['capacity value > 1/s', { lowerPerSecond: null, upperPerSecond: null }, 'not-judged'],
  ])('%s, %j: %s', (text, capacity, verdict) => {
    expect(judge(text, search(capacity))?.verdict).toBe(verdict);
  });

  it.each<[Partial<Capacity>, object]>([
    [{}, { value: 380 }],
    [
      { kind: 'not-reached', upperPerSecond: null },
      { value: 380, atLeast: true },
    ],
    [{ confirmed: false }, { value: null }],
    [{ kind: 'invalid', lowerPerSecond: null }, { value: null }],
  ])('tells no rate that nobody found: %j', (capacity, told) => {
    const { value, atLeast } = judge('capacity value > 1/s', search(capacity)) ?? {};
    expect({ value, ...(atLeast && { atLeast }) }).toEqual(told);
  });
});

it('a budget of no variant is judged by each, one of a variant by that', () => {
  const slow = makeMetric(400_000);
  const runs = [makeRun({}, 'pooled'), makeRun({ metrics: { latency: slow } }, 'direct')];
  const texts = ['latency p(99) < 200ms', 'latency{variant:pooled} p(99) < 50ms'];
  expect(judgeBudgets(texts, runs).map(({ budget, verdict }) => `${budget}: ${verdict}`)).toEqual([
    'latency{variant:pooled} p(99) < 200ms: pass',
    'latency{variant:direct} p(99) < 200ms: fail',
    'latency{variant:pooled} p(99) < 50ms: fail',
  ]);
  expect(judgeBudgets(['latency{variant:x} p(99) < 1s'], runs)).toMatchObject([
    { verdict: 'not-judged', reason: 'no such variant was run' },
  ]);
});

it('a budget of a file from a later version is not judged', () => {
  expect(judgeBudgets(['latency p(97) < 1s'], [makeRun()])).toMatchObject([
    { verdict: 'not-judged', reason: expect.stringContaining('must take of latency one of') },
  ]);
});

it('one that is not judged is a broken one to the exit code', () => {
  const decide = (...verdicts: BudgetResult['verdict'][]) => {
    const budgets = verdicts.map((verdict) => ({ verdict }) as BudgetResult);
    return findExitReasons({ stoppedBy: 'end', validity: VALID, budgets });
  };
  expect(decide()).toEqual([]);
  expect(decide('pass')).toEqual([]);
  expect(decide('pass', 'fail')).toEqual(['budgetBroken']);
  expect(decide('pass', 'not-judged')).toEqual(['budgetBroken']);
});
