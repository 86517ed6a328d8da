import { describe, expect, it } from 'vitest';
import { judgeBudgets } from '../../src/analysis/budgets.ts';
import { findExitReasons } from '../../src/analysis/exit-reasons.ts';
import type { JudgedRun } from '../../src/analysis/readings/reading.ts';
import { zeroConnections, zeroCounts } from '../../src/model/accounting.ts';
import type { Capacity } from '../../src/result/records/capacity.ts';
import type { StepSummary, Validity } from '../../src/result/records/summary-figures.ts';
import type { BudgetResult } from '../../src/result/records/summary-records.ts';
import { makeMetric, VALID } from '../support/synthetic/synthetic-side.ts';

type Judged = JudgedRun['summary'];

/** By rank: 500 of 20 ms, 490 of 100 ms, 9 of 200 ms, one of 300 ms. */
const VALUES_US = [
  ...new Array(500).fill(20_000),
  ...new Array(490).fill(100_000),
  ...new Array(9).fill(200_000),
  300_000,
];

/** A thousand attempts, all ok, with p99 of latency at 100 ms. */
function makeRun(overrides: Partial<Judged> = {}, name?: string): JudgedRun {
  const counts = { ...zeroCounts(), due: 1000, begun: 1000, started: 1000, ok: 1000 };
  return {
    name,
    values: { valueAtRank: (_, rank) => VALUES_US[rank - 1] ?? Number.NaN },
    summary: {
      stoppedBy: 'end',
      validity: VALID,
      steps: [],
      accounting: { ...counts, inFlight: 0 },
      connections: { ...zeroConnections(), opened: 1000, closed: 1000, open: 0 },
      metrics: { latency: makeMetric(20_000, { p99Us: 100_000, p999Us: 200_000, maxUs: 300_000 }) },
      capacity: null,
      errors: [],
      rates: { windowUs: 10_000_000, offeredPerSecond: 100, achievedPerSecond: 100 },
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

/** A round that came to its end. */
const ROUND = { stoppedBy: 'end', accounting: { ...zeroCounts(), inFlight: 0 } } as const;

const UNDER_GOAL: Capacity['underGoal'] = {
  goalUs: 50_000,
  kind: 'found',
  lowerPerSecond: 150,
  upperPerSecond: 200,
  reason: 'p99 was above the goal',
};

function makeStep(index: number, validity: Validity): StepSummary {
  return { index, validity } as StepSummary;
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

describe('in a run that others disturbed', () => {
  const warnings = [{ code: 'DISTURBED', message: 'other processes took 42% of the CPU' }];
  const disturbed = makeRun();
  disturbed.summary.warnings = warnings;

  it.each([
    // Without the others it would have been faster yet.
    ['latency p(99) <= 100ms', 'pass'],
    ['latency p(99) < 99ms', 'not-judged'],
  ])('%s: %s', (text, verdict) => {
    expect(judge(text, disturbed)?.verdict).toBe(verdict);
  });

  it('a time that is too long says who took the CPU', () => {
    expect(judge('latency p(99) < 99ms', disturbed)?.reason).toBe(
      'could not be judged: other processes took 42% of the CPU',
    );
  });
});

describe('a budget passes', () => {
  it.each<[string, BudgetResult['verdict'], number]>([
    ['latency p(99) < 101ms', 'pass', 100_000],
    ['latency p(99) <= 100ms', 'pass', 100_000],
    ['latency p(99) < 100ms', 'fail', 100_000],
    ['latency max < 299ms', 'fail', 300_000],
    ['latency p(50) < 21ms', 'pass', 20_000],
    ['failed rate < 0.1%', 'pass', 0],
    ['failed count <= 0', 'pass', 0],
    ['dropped count <= 0', 'pass', 0],
    ['ok rate >= 100%', 'pass', 1],
    ['queryFailed rate < 1%', 'pass', 0],
    ['cut count < 1', 'pass', 0],
  ])('or fails: %s is %s', (text, verdict, value) => {
    expect(judge(text)).toMatchObject({ budget: text, verdict, low: value, high: value, of: 1000 });
  });

  it('by shares of what was started, and of what was due', () => {
    const { accounting } = makeRun().summary;
    const run = makeRun({
      accounting: { ...accounting, due: 2000, dropped: 1000, ok: 990, failed: 10 },
    });
    expect(judge('failed rate <= 1%', run)).toMatchObject({ verdict: 'pass', low: 0.01, of: 1000 });
    expect(judge('dropped rate < 50%', run)).toMatchObject({ verdict: 'fail', low: 0.5, of: 2000 });
    expect(judge('ok rate > 49%', run)).toMatchObject({ verdict: 'pass', low: 0.495, of: 2000 });
    const { connections } = run.summary;
    const broken = makeRun({
      connections: { ...connections, closed: 970, queryFailed: 20, cut: 10 },
    });
    expect(judge('queryFailed rate < 2%', broken)).toMatchObject({ verdict: 'fail', low: 0.02 });
    expect(judge('cut count <= 10', broken)).toMatchObject({ verdict: 'pass', low: 10 });
  });

  it('exactly at the bound, whatever the percentage', () => {
    for (const n of [1000, 2000, 10_000]) {
      for (let k = 1; k < n; k++) {
        const { accounting } = makeRun().summary;
        const run = makeRun({ accounting: { ...accounting, started: n, ok: n - k, failed: k } });
        // As a person would write it: 7 of 1000 are 0.7%.
        const percent = Number(((k * 100) / n).toFixed(6));
        const verdicts = ['<=', '<'].map(
          (operator) => judge(`failed rate ${operator} ${percent}%`, run)?.verdict,
        );
        if (verdicts.join() !== 'pass,fail') throw new Error(`${k} of ${n}: ${verdicts}`);
      }
    }
  });

  it.each<[string, BudgetResult['verdict'], number, number]>([
    ['failed rate < 0.1%', 'not-judged', 0, 0.5],
    ['failed count <= 0', 'not-judged', 0, 500],
    ['failed rate < 51%', 'pass', 0, 0.5],
    ['ok rate > 99%', 'not-judged', 0.5, 1],
    ['ok rate > 40%', 'pass', 0.5, 1],
  ])('not while it is open how many ended: %s is %s', (text, verdict, low, high) => {
    const { accounting } = makeRun().summary;
    const run = makeRun({
      accounting: { ...accounting, ok: 500, cancelled: 300, lost: 100, inFlight: 100 },
    });
    expect(judge(text, run)).toMatchObject({ verdict, low, high });
  });

  it('by what the scenario asked to be given up, which is no failure', () => {
    const { accounting } = makeRun().summary;
    const run = makeRun({ accounting: { ...accounting, ok: 500, abandoned: 500 } });
    expect(judge('failed rate < 0.1%', run)).toMatchObject({ verdict: 'pass', low: 0, high: 0 });
    expect(judge('ok rate > 99%', run)).toMatchObject({ verdict: 'fail', low: 0.5, high: 0.5 });
  });

  it.each<[number, string, BudgetResult['verdict']]>([
    [0, 'latency p(99) < 101ms', 'pass'],
    // Rank 990 of all is the last that was served.
    [10, 'latency p(99) < 101ms', 'pass'],
    [10, 'latency p(99.9) < 1h', 'not-judged'],
    [5, 'latency p(99) < 100ms', 'fail'],
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
      bound: 30_000,
      low: 20_000,
      high: null,
      of: 1000,
      reason: '20 of 1,000 attempts have no value and rank behind all others',
    });
    expect(judge('latency p(99) < 10ms', run)).toMatchObject({ verdict: 'fail', high: null });
  });

  it('not by an invalid measurement, whatever it says', () => {
    const validity = { valid: false, reasons: [{ code: 'LATE_GENERATOR', message: 'late' }] };
    for (const text of ['latency p(99) < 1h', 'latency p(99) < 1us', 'failed rate < 1%']) {
      expect(judge(text, makeRun({ validity }))).toMatchObject({
        verdict: 'not-judged',
        low: null,
        high: null,
        reason: 'the measurement is invalid: late',
      });
    }
  });

  it('not where not one connected, by what became of the attempts neither', () => {
    const validity = { valid: false, reasons: [{ code: 'NO_DATA', message: 'not one' }] };
    const { accounting } = makeRun().summary;
    const run = makeRun({
      validity,
      accounting: { ...accounting, ok: 0, failed: 1000 },
      metrics: {},
    });
    for (const text of ['failed rate < 1%', 'dropped count <= 0', 'latency p(99) < 1h']) {
      expect(judge(text, run)).toMatchObject({
        verdict: 'not-judged',
        low: null,
        reason: 'the measurement is invalid: not one',
      });
    }
  });

  it('not where one of several steps is no measurement', () => {
    const steps = [VALID, { valid: false, reasons: [{ code: 'LATE_GENERATOR', message: 'late' }] }];
    const run = makeRun({ steps: steps.map((validity, index) => makeStep(index, validity)) });
    expect(judge('latency p(99) < 101ms', run)).toMatchObject({
      verdict: 'not-judged',
      low: null,
      reason: 'step 2 is invalid: late',
    });
    const empty = { valid: false, reasons: [{ code: 'NO_DATA', message: 'not one' }] };
    const overloaded = makeRun({ steps: [makeStep(0, VALID), makeStep(1, empty)] });
    expect(judge('latency p(99) < 101ms', overloaded)?.verdict).toBe('pass');
  });

  it.each<[Partial<Judged>, string]>([
    [{ stoppedBy: 'signal' }, 'the run was interrupted'],
    [{ stoppedBy: 'interrupted' }, 'the run was interrupted'],
    [{ stoppedBy: 'condition', reason: 'too many' }, 'a stop condition ended the run: too many'],
    [{ rounds: [ROUND], roundsPlanned: 3 }, '1 of 3 rounds were run'],
  ])('not before the run has come to its end: %j', (cut, reason) => {
    const run = makeRun(cut);
    expect(judge('latency p(99) < 101ms', run)).toMatchObject({
      verdict: 'not-judged',
      low: 100_000,
      reason,
    });
    expect(judge('latency p(99) < 99ms', run)).toMatchObject({ verdict: 'fail', reason });
  });

  it('by the attempts that have a schedule, where others have none', () => {
    const { accounting, metrics } = makeRun().summary;
    const latency = makeMetric(20_000, { ...metrics.latency, count: 500 });
    const mixed = makeRun({ accounting, metrics: { latency: { ...latency, tries: 500 } } });
    expect(judge('latency p(99) < 101ms', mixed)).toMatchObject({ verdict: 'pass', of: 500 });
  });

  it('not where nothing was measured', () => {
    const serviceTime = makeMetric(20_000);
    expect(judge('tls p(99) < 1s')).toMatchObject({
      verdict: 'not-judged',
      low: null,
      reason: 'nothing was measured',
    });
    expect(judge('latency p(99) < 1s', makeRun({ metrics: { serviceTime } }))?.reason).toContain(
      'use serviceTime',
    );
    const accounting = { ...zeroCounts(), inFlight: 0 };
    expect(judge('failed rate < 1%', makeRun({ accounting }))?.verdict).toBe('not-judged');
  });
});

describe('where attempts were only started late', () => {
  const reasons = [{ code: 'LATE_GENERATOR', message: 'started late' }];
  const metrics = {
    latency: makeMetric(20_000),
    firstQuery: makeMetric(20_000),
    sessionLatency: makeMetric(20_000),
    serviceTime: makeMetric(20_000),
    firstQueryServiceTime: makeMetric(20_000),
    spawn: makeMetric(20_000),
    query: makeMetric(20_000),
    lateness: makeMetric(9_000),
  };
  const alike: Judged['crowd'] = { due: [[0, 1000]], begun: [[0, 1000]] };
  const late = (overrides: Partial<Judged> = {}) =>
    makeRun({ validity: { valid: false, reasons }, metrics, crowd: alike, ...overrides });
  const FROM_START = [
    'serviceTime p(99) < 1s',
    'firstQueryServiceTime p(99) < 1s',
    'spawn p(50) < 1s',
    'query max < 1s',
    'failed rate < 1%',
    'dropped count <= 0',
  ];

  it.each(['latency p(99) < 1s', 'firstQuery p(50) < 1s', 'sessionLatency max < 1s'])(
    'a time from the schedule is not judged: %s',
    (text) => {
      const metric = text.split(' ')[0];
      expect(judge(text, late())).toMatchObject({
        verdict: 'not-judged',
        low: null,
        reason: `the measurement is invalid: ${metric} counts from the schedule, and started late`,
      });
    },
  );

  it('nor is the share of sessions within a goal', () => {
    expect(judge('goodput rate > 1%', late())?.reason).toContain(
      'goodput counts from the schedule',
    );
  });

  it.each(FROM_START)('what counts from the actual start is judged: %s', (text) => {
    expect(judge(text, late())?.verdict).toBe('pass');
  });

  it.each<[string, BudgetResult['verdict'], number, number]>([
    // It ends by a stamp that may be late, and begins by one that is not.
    ['serviceTime p(50) <= 20ms', 'pass', 11_000, 20_000],
    ['serviceTime p(50) < 19ms', 'not-judged', 11_000, 20_000],
    ['serviceTime p(50) < 11ms', 'fail', 11_000, 20_000],
    // A phase begins where another one ends.
    ['spawn p(50) < 30ms', 'pass', 11_000, 29_000],
    ['spawn p(50) < 25ms', 'not-judged', 11_000, 29_000],
    ['spawn p(50) < 11ms', 'fail', 11_000, 29_000],
  ])('but for what hold-ups may have done to its stamps: %s', (text, verdict, low, high) => {
    expect(judge(text, late())).toMatchObject({ verdict, low, high });
    expect(judge('serviceTime p(50) < 19ms', makeRun({ metrics }))).toMatchObject({
      verdict: 'fail',
      low: 20_000,
      high: 20_000,
    });
  });

  it('so is it where one of several steps was late', () => {
    const steps = [makeStep(0, VALID), makeStep(1, { valid: false, reasons })];
    const run = late({ validity: VALID, steps });
    expect(judge('spawn p(50) < 1s', run)?.verdict).toBe('pass');
    expect(judge('latency p(50) < 1s', run)?.reason).toBe(
      'step 2 is invalid: latency counts from the schedule, and started late',
    );
  });

  it.each(FROM_START)('not where starts that piled up have changed the load: %s', (text) => {
    const begun: Judged['crowd'] = {
      due: [[0, 1000]],
      begun: [
        [0, 300],
        [40, 700],
      ],
    };
    expect(judge(text, late({ crowd: begun }))).toMatchObject({
      verdict: 'not-judged',
      reason: expect.stringContaining('the target got a different load than planned'),
    });
  });

  it.each(FROM_START)('not where nothing tells whether the load has changed: %s', (text) => {
    const { crowd: _, ...summary } = late().summary;
    expect(judge(text, { ...late(), summary })).toMatchObject({
      verdict: 'not-judged',
      reason: expect.stringContaining('the file does not say'),
    });
  });

  it.each(FROM_START)('not where something else is wrong beside: %s', (text) => {
    const starved = [...reasons, { code: 'GENERATOR_CPU', message: 'no CPU' }];
    const run = late({ validity: { valid: false, reasons: starved } });
    expect(judge(text, run)?.verdict).toBe('not-judged');
  });

  it.each(FROM_START)('not in a closed loop, whose delays are in every answer: %s', (text) => {
    const { latency: _, lateness: __, ...closed } = metrics;
    expect(judge(text, late({ metrics: closed }))?.verdict).toBe('not-judged');
  });
});

describe('a budget of capacity', () => {
  it('says that the search was cut short, and not that the target changed', () => {
    const cutShort = { by: 'target', atUs: 21_400_000, reason: 'the server went down' } as const;
    const { reason } = cutShort;
    const run = search({ kind: 'unstable', upperPerSecond: null, reason, cutShort });
    expect(judge('capacity value > 500/s', run)).toMatchObject({
      verdict: 'not-judged',
      reason: 'the search was cut short: the server went down',
    });
  });

  it.each<[string, Partial<Capacity>, BudgetResult['verdict']]>([
    ['capacity value > 379/s', {}, 'pass'],
    ['capacity value > 380/s', {}, 'not-judged'],
    ['capacity value >= 380/s', {}, 'pass'],
    ['capacity value > 400/s', {}, 'not-judged'],
    ['capacity value > 420/s', {}, 'fail'],
    ['capacity value > 370/s', { kind: 'not-reached', upperPerSecond: null }, 'pass'],
    ['capacity value > 500/s', { kind: 'not-reached', upperPerSecond: null }, 'not-judged'],
    ['capacity value > 430/s', { kind: 'wall' }, 'fail'],
    ['capacity value > 370/s', { confirmed: false }, 'not-judged'],
    ['capacity value > 430/s', { confirmed: false }, 'fail'],
    // The bounds of an unstable answer hold, confirmed or not.
    ['capacity value > 370/s', { kind: 'unstable', confirmed: false }, 'pass'],
    ['capacity value > 400/s', { kind: 'unstable', confirmed: null }, 'not-judged'],
    ['capacity value > 430/s', { kind: 'unstable' }, 'fail'],
    // Nobody knows what the target does at a rate that was not tried.
    ['capacity value > 430/s', { kind: 'unstable', upperUntried: true }, 'not-judged'],
    ['capacity value > 370/s', { kind: 'unstable', upperUntried: true }, 'pass'],
    // Not even the lowest rate was sustained.
    ['capacity value > 430/s', { kind: 'not-reached', lowerPerSecond: null }, 'fail'],
    ['capacity value > 1/s', { kind: 'not-reached', lowerPerSecond: null }, 'not-judged'],
    ['capacity value > 1/s', { lowerPerSecond: null, upperPerSecond: null }, 'not-judged'],
    ['capacity underGoal > 1/s', {}, 'not-judged'],
    ['capacity underGoal > 149/s', { underGoal: UNDER_GOAL }, 'pass'],
    ['capacity underGoal > 300/s', { underGoal: UNDER_GOAL }, 'fail'],
    ['capacity value > 300/s', { underGoal: UNDER_GOAL }, 'pass'],
  ])('%s, %j: %s', (text, capacity, verdict) => {
    expect(judge(text, search(capacity))?.verdict).toBe(verdict);
  });

  it.each<[Partial<Capacity>, number | null, number | null]>([
    [{}, 380, 420],
    [{ kind: 'not-reached', upperPerSecond: null }, 380, null],
    [{ kind: 'not-reached', lowerPerSecond: null }, null, 420],
    [{ confirmed: false }, null, 420],
  ])('tells no rate that nobody found: %j', (capacity, low, high) => {
    expect(judge('capacity value > 1/s', search(capacity))).toMatchObject({ low, high });
  });

  it('is not judged where connstorm gave out first, which makes the run invalid', () => {
    const message = 'no capacity was found: connstorm gave out';
    const run = search({ kind: 'invalid', upperPerSecond: null });
    run.summary.validity = { valid: false, reasons: [{ code: 'CAPACITY_INVALID', message }] };
    expect(judge('capacity value > 370/s', run)).toMatchObject({
      verdict: 'not-judged',
      reason: `the measurement is invalid: ${message}`,
    });
  });

  it('says why it is between the two', () => {
    expect(judge('capacity value > 400/s', search({}))?.reason).toContain('load.tolerance');
    const open = { kind: 'not-reached', upperPerSecond: null } as const;
    expect(judge('capacity value > 400/s', search(open))?.reason).toBe('fell behind');
  });
});

it('a budget of no variant is judged by each, one of a variant by that', () => {
  const slow = { ...makeRun({}, 'direct'), values: { valueAtRank: () => 400_000 } };
  const runs = [makeRun({}, 'pooled'), slow];
  const texts = ['latency p(99) < 200ms', 'latency{variant:pooled} p(99) < 50ms'];
  expect(judgeBudgets(texts, runs).map(({ budget, verdict }) => `${budget}: ${verdict}`)).toEqual([
    'latency{variant:pooled} p(99) < 200ms: pass',
    'latency{variant:direct} p(99) < 200ms: fail',
    'latency{variant:pooled} p(99) < 50ms: fail',
  ]);
  expect(judgeBudgets(['latency{variant:x} p(99) < 1s'], runs)).toMatchObject([
    { verdict: 'not-judged', unit: 'us', bound: 1_000_000, reason: 'no such variant was run' },
  ]);
});

it('a run of several rounds without variants is named by no variant', () => {
  const results = judgeBudgets(['latency p(99) < 200ms'], [makeRun({}, 'base')]);
  expect(results.map(({ budget }) => budget)).toEqual(['latency p(99) < 200ms']);
});

it('a budget of a file from a later version is not judged', () => {
  expect(judgeBudgets(['latency p(97) < 1s'], [makeRun()])).toMatchObject([
    { verdict: 'not-judged', reason: expect.stringContaining('must have one of p(50)') },
  ]);
});

it('one that is not judged is a broken one to the exit code', () => {
  const list = (verdicts: BudgetResult['verdict'][]) =>
    verdicts.map((verdict) => ({ verdict }) as BudgetResult);
  const decide = (...verdicts: BudgetResult['verdict'][]) =>
    findExitReasons({ stoppedBy: 'end', validity: VALID, budgets: list(verdicts) });
  expect(decide()).toEqual([]);
  expect(decide('pass')).toEqual([]);
  expect(decide('pass', 'fail')).toEqual(['budgetBroken']);
  expect(decide('pass', 'not-judged')).toEqual(['budgetBroken']);
  const stopped = { stoppedBy: 'condition', validity: VALID } as const;
  expect(findExitReasons({ ...stopped, budgets: list(['not-judged']) })).toEqual(['stopCondition']);
  expect(findExitReasons({ ...stopped, budgets: list(['fail']) })).toContain('budgetBroken');
});
