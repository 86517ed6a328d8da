import { describe, expect, it } from 'vitest';
import { createSummary } from '../../src/analysis/summary.ts';
import { renderReport } from '../../src/report/terminal.ts';
import type { HeaderRecord, VariantsHeaderRecord } from '../../src/result/records/header.ts';
import { renderSearch } from '../support/synthetic/render-search.ts';
import { FOUND, UNSTABLE, WALL } from '../support/synthetic/synthetic-capacity.ts';
import {
  makeAttempt,
  makeHeader,
  makeOk,
  makeSteps,
  REFUSED,
  SECOND_US,
  SyntheticRun,
  TIMEOUT,
} from '../support/synthetic/synthetic-run.ts';
import { makeVariantsHeader, playVariants } from '../support/synthetic/synthetic-variants.ts';

const BUDGETS = ['latency p(99) < 20ms', 'failed rate < 1%', 'capacity value > 400/s'];

/** Of several steps, or of one that has windows; some attempts fail. */
function renderRun(columns: number, steps = makeSteps(4)): string {
  const run = new SyntheticRun(steps);
  for (const { index, fromUs, toUs } of steps) {
    for (let at = 0; at < 1500; at++) {
      const scheduledUs = fromUs + Math.floor(((toUs - fromUs) * at) / 1500);
      run.ok(makeOk(1_234_000, { step: index, scheduledUs, latenessUs: 100_000 }));
    }
    const ended = makeAttempt({ step: index, scheduledUs: fromUs, startUs: fromUs, atUs: toUs });
    for (let at = 0; at < 40; at++) run.ended(ended, 'failed', at % 2 === 0 ? REFUSED : TIMEOUT);
  }
  const made = { ...makeHeader({ steps }), budgets: BUDGETS };
  const records = run.records(made);
  const header = records[0] as HeaderRecord;
  const fold = createSummary(header);
  for (const record of records) fold.add(record);
  const options = { columns, colour: false, resultPath: 'results/a.ndjson', explain: true };
  return renderReport({ summary: fold.finish(), header }, options);
}

function renderVariants(columns: number): string {
  const names = ['direct', 'through-the-pooler'];
  const header: VariantsHeaderRecord = {
    ...makeVariantsHeader(names, { rounds: 5 }),
    budgets: BUDGETS,
  };
  const runs = [1, 2, 3, 4, 5].flatMap((round) =>
    (header.rounds[round - 1]?.order ?? []).map((variant) => ({
      variant,
      round,
      latenciesUs: Array.from({ length: 10 }, (_, at) => 900_000 + at * 12_345),
      latenessUs: 300_000,
      firstQuery: true,
    })),
  );
  const fold = createSummary(header);
  for (const record of playVariants(header, runs)) fold.add(record);
  const options = { columns, colour: true, resultPath: 'results/a.ndjson', explain: true };
  return renderReport({ summary: fold.finish(), header }, options);
}

const WINDOWS = [{ ...makeSteps(1)[0], index: 0, fromUs: 0, toUs: 10 * SECOND_US }];

const REPORTS: [string, (columns: number) => string][] = [
  ['a run of several steps', (columns) => renderRun(columns)],
  ['a run that has windows', (columns) => renderRun(columns, WINDOWS)],
  ['variants', renderVariants],
  ['a search', (columns) => renderSearch(FOUND, { columns })],
  ['an unstable search', (columns) => renderSearch(UNSTABLE, { columns })],
  [
    'a search that above that, no slot was free (wall)',
    (columns) => renderSearch(WALL, { columns }),
  ],
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours
const COLOURS = /\x1b\[\d+m/g;

describe('a narrow terminal', () => {
  it.each(REPORTS)('of 40 columns holds every line of %s', (_, render) => {
    const lines = render(40).replace(COLOURS, '').split('\n');
    expect(lines.filter((line) => [...line].length > 40)).toEqual([]);
  });

  it.each(REPORTS)('of 20 columns gets every figure of %s', (_, render) => {
    const report = render(20).replace(COLOURS, '');
    expect(report).not.toMatch(/NaN|undefined|Infinity/);
    const figures = (text: string) => new Set(text.match(/\d[\d.,]*/g));
    expect(figures(report).size).toBeGreaterThan(figures(render(80)).size / 2);
  });
});
