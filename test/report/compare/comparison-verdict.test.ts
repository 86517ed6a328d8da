import { describe, expect, it } from 'vitest';
import {
  describeVerdict,
  describeVerdicts,
} from '../../../src/report/compare/comparison-verdict.ts';
import { createPaint } from '../../../src/report/text/paint.ts';
import type { Comparison } from '../../../src/result/records/comparison.ts';

const UNKNOWN: Comparison = {
  metric: 'firstQuery',
  aggregation: 'p(99)',
  a: 'pooled',
  b: 'direct',
  primary: true,
  verdict: 'inconclusive',
  ratio: 1,
  low: 0.8,
  high: 1.2,
  n: 5,
  aRounds: { counted: 5, planned: 5 },
  bRounds: { counted: 5, planned: 5 },
  aUs: 10_000,
  bUs: 10_000,
  aShare: 1,
  bShare: 1,
  margin: { low: 0.9, high: 1.1 },
};

const SPOILT: Partial<Comparison> = {
  aRounds: {
    counted: 9,
    planned: 11,
    leftOut: [{ code: 'SCRAM_CPU', rounds: [3, 5], unknown: true }],
  },
};

const say = (over: Partial<Comparison>): string[] =>
  describeVerdict({ ...UNKNOWN, ...over }, { columns: 600, paint: createPaint(false) });

describe('where nobody knows, what would be needed is said', () => {
  it.each<[string, Partial<Comparison>, RegExp]>([
    [
      'chance',
      {},
      /from 20% less to 20% more time \(n = 5\); more or longer rounds may give a verdict$/,
    ],
    [
      'too few that were served',
      { atLeast: ['a'], aShare: 0.4, high: null },
      /too few attempts have this figure \(40% of pooled's\), so its p\d+ is only a lower bound$/,
    ],
    [
      'lateness of our own',
      { late: ['b'] },
      /repeat it on a quieter machine, or compare serviceTime or firstQueryServiceTime$/,
    ],
    [
      'rounds that are left out and may have taken any time',
      { ...SPOILT, atLeast: ['a'] },
      /; the rounds that are left out may have taken any time, which makes the range wider: mend/,
    ],
    [
      'so many of them that nothing is known',
      { ...SPOILT, low: null, high: null },
      /: too many rounds are left out to give bounds \(/,
    ],
    ['a range above the baseline', { low: 2.71, high: 3.07 }, /from 2\.71 to 3\.07 times the time/],
    [
      'a range about the baseline',
      { low: 0.71, high: 1.71 },
      /: from 0\.71 to 1\.71 times the time /,
    ],
    ['no lower end', { low: null, high: 1.71 }, /: at most 1\.71 times the time /],
  ])('%s', (_, over, sentence) => {
    expect(say(over)[0]).toMatch(sentence);
  });
});

it('a range without an upper end is called what it is: the interval, not a second estimate', () => {
  const [line] = say({ verdict: 'faster', ratio: 0.4, low: null, high: 0.95, atLeast: ['b'] });
  expect(line).toMatch(/2\.50x faster .* \(95 % interval: 1\.05x or more, n = 5\)/);
});

describe('if an interval has neither end, one sentence tells the reason and the remedy', () => {
  const OPEN = { low: null, high: null } as const;
  it.each<[string, Partial<Comparison>, string]>([
    [
      'a wait for a CPU',
      { metric: 'spawn', late: ['a', 'b'], openBy: ['short-of-cpu'] },
      'connstorm waited for a CPU, and its own lateness is as large as the times, so no bounds can be given (n = 5): repeat it on a quieter machine',
    ],
    [
      'lateness of starts',
      { late: ['b'], openBy: ['late'] },
      "connstorm's own lateness is as large as the times, so no bounds can be given (n = 5): repeat it on a quieter machine, or compare serviceTime or firstQueryServiceTime",
    ],
    [
      'lateness in some rounds, so that no median is late',
      { openBy: ['late'] },
      "connstorm's own lateness is as large as the times, so no bounds can be given (n = 5): repeat it on a quieter machine, or compare serviceTime or firstQueryServiceTime",
    ],
    [
      'too few that were served',
      { atLeast: ['a'], aShare: 0.4, openBy: ['too-few'] },
      "too few attempts have this figure to give bounds: 40% of pooled's (n = 5): mend what failed (the report of the run says why), or compare a lower percentile",
    ],
    [
      'too few that were served, of the lowest percentile',
      { aggregation: 'p(50)', aShare: 0.4, bShare: 0.3, openBy: ['too-few'] },
      "too few attempts have this figure to give bounds: 40% of pooled's and 30% of direct's (n = 5): mend what failed (the report of the run says why)",
    ],
    [
      'rounds that are left out',
      { ...SPOILT, openBy: ['left-out'] },
      'too many rounds are left out to give bounds (n = 5): mend what spoilt them (the report of the run says how), and repeat it',
    ],
    [
      'two of these',
      { ...SPOILT, openBy: ['left-out', 'short-of-cpu'] },
      'too many rounds are left out to give bounds (n = 5): mend what spoilt them (the report of the run says how), and repeat it; connstorm waited for a CPU, and its own lateness is as large as the times, so no bounds can be given: repeat it on a quieter machine',
    ],
  ])('%s', (_, over, sentence) => {
    const [line] = say({ ...OPEN, ...over });
    expect(line).toContain(
      ` direct at ${over.aggregation === 'p(50)' ? 'p50' : 'p99'}: ${sentence}`,
    );
    expect(line?.endsWith(sentence)).toBe(true);
  });

  it('and no interval is spoken of', () => {
    expect(say({ ...OPEN, late: ['a'], openBy: ['late'] })[1]).toMatch(/is in the figures$/);
    expect(say({ low: 0.5, high: null, late: ['a'] })[1]).toMatch(/and none of it$/);
  });
});

it('a phase that is late is not compared by another figure, which is late as well', () => {
  expect(say({ metric: 'spawn', late: ['b'] })[0]).toMatch(/repeat it on a quieter machine$/);
});

describe('the first number of a verdict is what is sure, if the estimate is only a bound', () => {
  const open = { verdict: 'faster', ratio: 0.4114, ratioIs: 'at-most', low: null } as const;
  it.each<[string, Partial<Comparison>, string]>([
    [
      'faster, without an upper end',
      { ...open, high: 0.9492 },
      'pooled answers the first query at least 1.05x faster than direct at p99 (95 % interval: 1.05x or more; estimate: 2.43x or more, n = 5)',
    ],
    [
      'faster, with both ends',
      { ...open, ratio: 0.4, low: 0.1, high: 0.5, ratioRange: [0.2, 0.4] },
      'pooled answers the first query at least 2.00x faster than direct at p99 (95 % interval: 2.00-10.0x; estimate: 2.50-5.00x, n = 5)',
    ],
    [
      'faster by a share',
      { ...open, ratio: 0.8, high: 0.9 },
      'pooled answers the first query in at least 10% less time than direct at p99 (95 % interval: 10.0% or more; estimate: 20.0% or more, n = 5)',
    ],
    [
      'slower, without an upper end',
      { verdict: 'slower', ratio: 4, ratioIs: 'at-least', low: 2, high: null },
      'pooled answers the first query at least 2.00x slower than direct at p99 (95 % interval: 2.00x or more; estimate: 4.00x or more, n = 5)',
    ],
    [
      'slower by a share, with both ends',
      { verdict: 'slower', ratio: 1.2, ratioIs: 'at-least', low: 1.1, high: 1.5 },
      'pooled answers the first query in at least 10% more time than direct at p99 (95 % interval: 10.0-50.0%; estimate: 20.0% or more, n = 5)',
    ],
    [
      'nothing of this for an estimate that is exact',
      { verdict: 'faster', ratio: 0.2, low: 0.125, high: 0.25 },
      'pooled answers the first query 5.00x faster than direct at p99 (4.00-8.00x, n = 5)',
    ],
  ])('%s', (_, over, sentence) => {
    expect(say(over)[0]).toBe(sentence);
  });
});

it('a verdict by force tells of lateness as well', () => {
  const lines = say({ verdict: 'faster', ratio: 0.5, forced: true, late: ['a'], reasons: ['why'] });
  expect(lines[1]).toContain('connstorm was late with pooled');
  expect(lines[2]).toBe('judged in spite of this (--force): why');
});

it('no interval is spoken of where there is no verdict', () => {
  const lines = say({ verdict: 'descriptive', reasons: ['why'], late: ['a'] });
  expect(lines[1]).toMatch(/connstorm was late with pooled, and this lateness is in the figures$/);
});

it('each kind of rounds that are left out is told once, with what that means', () => {
  const bRounds: Comparison['bRounds'] = {
    counted: 8,
    planned: 11,
    leftOut: [
      { code: 'GENERATOR_STOPPED', rounds: [2] },
      { code: 'CUT_SHORT', rounds: [4], unknown: true },
      { code: 'NO_DATA', rounds: [5], unknown: true },
    ],
  };
  const sides = [
    { ...UNKNOWN, ...SPOILT, bRounds },
    { ...UNKNOWN, a: 'session', bRounds },
  ];
  const style = { columns: 300, paint: createPaint(false) };
  const lines = describeVerdicts(sides, style).slice(2);
  expect(lines.map((line) => line.split('. ')[0])).toEqual([
    "1 of direct's 11 rounds is left out of the comparison (GENERATOR_STOPPED)",
    "2 of direct's 11 rounds are left out of the comparison (cut short in 1, NO_DATA in 1)",
    "2 of pooled's 11 rounds are left out of the comparison (SCRAM_CPU)",
  ]);
  expect(lines[0]).toMatch(/the figures are those of the other rounds$/);
  expect(lines[1]).toMatch(
    /counts as a value that may be anything, and the figures become ranges$/,
  );
});
