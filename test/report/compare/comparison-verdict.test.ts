import { describe, expect, it } from 'vitest';
import { describeVerdict } from '../../../src/report/compare/comparison-verdict.ts';
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
  aUs: 10_000,
  bUs: 10_000,
  aShare: 1,
  bShare: 1,
  margin: { low: 0.9, high: 1.1 },
};

const say = (over: Partial<Comparison>): string[] =>
  describeVerdict({ ...UNKNOWN, ...over }, { columns: 300, paint: createPaint(false) });

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

it('a verdict by force tells of lateness as well', () => {
  const lines = say({ verdict: 'faster', ratio: 0.5, forced: true, late: ['a'], reasons: ['why'] });
  expect(lines[1]).toContain('connstorm was late with pooled');
  expect(lines[2]).toBe('judged in spite of this (--force): why');
});

it('no interval is spoken of where there is no verdict', () => {
  const lines = say({ verdict: 'descriptive', reasons: ['why'], late: ['a'] });
  expect(lines[1]).toMatch(/connstorm was late with pooled, and this lateness is in the figures$/);
});
