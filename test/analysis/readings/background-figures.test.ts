import { expect, it } from 'vitest';
import { readBackground } from '../../../src/analysis/readings/background-figures.ts';
import type { BackgroundSummary } from '../../../src/result/records/background.ts';
import { parseBudgetFigure } from '../../../src/scenario/budget.ts';
import { makeMetric } from '../../support/synthetic/synthetic-side.ts';

const QUERIES: BackgroundSummary = {
  name: 'queries',
  activity: 'parallel-queries',
  actingUs: 10_000_000,
  acts: { due: 100, done: 80, failed: 10, skipped: 6, cancelled: 4 },
  inFlight: 0,
  latency: { ...makeMetric(5000), count: 80, atLeast: ['p99Us', 'p999Us', 'maxUs'] },
  workers: { planned: 320, launched: 200 },
  errors: [],
  kept: { wanted: 2, fewestOpen: 1, lost: 3, back: 2, awayUs: 5, longestAwayUs: 4 },
};

it.each<[string, number, number]>([
  ['done count', 80, 84],
  ['done perSecond', 8, 8],
  // Those that the end cut off may have failed.
  ['failed count', 10, 14],
  ['failed rate', 0.1, 0.14],
  ['skipped count', 6, 6],
  ['skipped rate', 0.06, 0.06],
  ['lost count', 3, 3],
  ['workers count', 200, 200],
  ['workers perSecond', 20, 20],
  ['latency p(50)', 5000, 5000],
  // Acts that failed or were skipped rank behind those with a latency.
  ['latency p(99)', 5000, Number.POSITIVE_INFINITY],
])('%s of an activity is between %d and %d', (name, low, high) => {
  const figure = parseBudgetFigure(`background.queries.${name}`);
  if ('fault' in figure || figure.kind !== 'background') throw new Error('it is no such figure');
  expect(readBackground(figure, { background: [QUERIES] })).toMatchObject({ low, high });
  expect(readBackground(figure, { background: [] })).toBeNull();
  expect(readBackground(figure, {})).toBeNull();
});

it('an activity that did nothing has no figures of acts', () => {
  const figure = parseBudgetFigure('background.queries.failed rate');
  if ('fault' in figure || figure.kind !== 'background') throw new Error('it is no such figure');
  const { latency: _, ...idle } = QUERIES;
  const acts = { due: 0, done: 0, failed: 0, skipped: 0, cancelled: 0 };
  expect(readBackground(figure, { background: [{ ...idle, acts }] })).toBeNull();
});
