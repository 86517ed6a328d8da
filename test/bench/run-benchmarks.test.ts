import { expect, it } from 'vitest';
import type { Row } from './output/rows.js';
import { createPlan } from './plan.js';
import { runBenchmarks } from './run-benchmarks.js';

const BENCH = {
  build: { root: '', cli: '', dist: '', commit: null, isChanged: false, isStale: false },
  other: null,
  plan: createPlan({ isQuick: false }),
  instantUrl: '',
  scramUrl: '',
  pgbench: null,
  startLab: async () => '',
};

function rowOf(what: string): Row {
  return {
    what,
    unit: 'us',
    decimals: 0,
    ours: [1],
    note: '',
    goal: null,
    other: null,
    rivals: [],
  };
}

it('hands on each row before the next is measured, and what fails stops no other', async () => {
  const events: string[] = [];
  const output = {
    progress: (name: string) => events.push(`measuring ${name}`),
    row: (name: string, { what }: Row) => events.push(`${name} row ${what}`),
    error: (name: string, error: unknown) => events.push(`${name} error ${error}`),
  };
  const benchmarks = {
    failing: async function* () {
      yield rowOf('a');
      events.push('after a');
      throw 'gave out';
    },
    unnamed: async function* () {
      yield rowOf('x');
    },
    noting: async function* ({ noteFailure }: { noteFailure: (error: unknown) => void }) {
      noteFailure('the other gave out');
      yield rowOf('b');
    },
  };
  const run = (names: string[]) => runBenchmarks(benchmarks, names, BENCH, output);
  expect(await run(['failing', 'noting'])).toBe(2);
  expect(events).toEqual([
    'measuring failing',
    'failing row a',
    'after a',
    'failing error gave out',
    'measuring noting',
    'noting error the other gave out',
    'noting row b',
  ]);
  expect(await run(['unnamed'])).toBe(0);
});
