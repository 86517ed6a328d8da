import { expect, it } from 'vitest';
import type { Build } from '../build.js';
import { renderRow, toRecord } from '../output/render.js';
import { createPlan } from '../plan.js';
import { measureRow } from './parties.js';

function buildAt(root: string): Build {
  return { root, cli: '', dist: '', commit: null, isChanged: false, isStale: false };
}

const THIS = buildAt('this');
const OTHER = buildAt('other');

function createBench({ other = null as Build | null } = {}) {
  const failures: unknown[] = [];
  const bench = {
    build: THIS,
    other,
    plan: createPlan({ isQuick: false }),
    instantUrl: '',
    scramUrl: '',
    pgbench: null,
    startLab: async () => '',
    noteFailure: (error: unknown) => failures.push(error),
  };
  return { bench, failures };
}

const ABOUT = { what: 'cost', unit: 'us', rounds: 2 };

/** Values in turn. */
function inTurn(...values: number[]) {
  const left = [...values];
  return async () => ({ value: left.shift() ?? Number.NaN });
}

it('sets ours against the other build and each rival, round by round', async () => {
  const { bench } = createBench({ other: OTHER });
  const [ours, theirs] = [inTurn(80, 30), inTurn(40, 60)];
  const row = await measureRow(bench, {
    ...ABOUT,
    ours: (build) => (build === THIS ? ours() : theirs()),
    rivals: [
      { name: 'met', measure: inTurn(160, 60), goal: 0.5 },
      { name: 'missed', measure: inTurn(100, 100), goal: 0.5 },
    ],
  });
  expect(renderRow(row).split('\n')).toEqual([
    'cost',
    '  connstorm                               55 us (30-80)',
    '  other build                             50 us (40-60)             1.250 (0.500-2.000)',
    '  met                                     110 us (60-160)           0.500 (0.500-0.500)   ratio <= 0.500       yes',
    '  missed                                  100 us (100-100)          0.550 (0.300-0.800)   ratio <= 0.500       NO',
  ]);
});

it('a JSON record has the values of each round, the ratios and the goals', async () => {
  const { bench } = createBench({ other: OTHER });
  const row = await measureRow(bench, {
    ...ABOUT,
    rounds: 1,
    ours: async () => ({ value: 3 }),
    rivals: [{ name: 'absent', obstacle: 'none here', measure: inTurn(), goal: 2 }],
    goal: { text: '< 4 us', isReached: ([first = 9]) => first < 4 },
  });
  const other = { values: [3], ratios: [1], ratio: 1, note: null, notMeasured: null };
  const absent = { values: [], ratios: [], ratio: null, note: null, notMeasured: 'none here' };
  expect(toRecord('some', row)).toEqual({
    type: 'row',
    benchmark: 'some',
    what: 'cost',
    unit: 'us',
    connstorm: { values: [3], note: null },
    goal: '< 4 us',
    reached: true,
    otherBuild: { ...other, goal: null, reached: null },
    rivals: [{ name: 'absent', ...absent, goal: 'ratio <= 2.000', reached: null }],
  });
});

it.each([
  [false, 1],
  [true, 0],
])(
  'another build that fails is said, and stops nobody else (internal: %j)',
  async (isInternal, count) => {
    const { bench, failures } = createBench({ other: OTHER });
    let tries = 0;
    const row = await measureRow(bench, {
      ...ABOUT,
      isInternal,
      ours: async (build) => {
        if (build === THIS) return { value: 1 };
        tries += 1;
        if (tries === 1) return { value: 1 };
        throw new Error(
          'it ended with 1:\nTypeError [X]: no such module\n    at that\n\nNode.js v20',
        );
      },
      rivals: [{ name: 'rival', measure: inTurn(2, 2) }],
    });
    expect(row.other).toMatchObject({
      values: [],
      ratio: null,
      obstacle: 'not compared: TypeError [X]: no such module',
    });
    expect(row.rivals[0]).toMatchObject({ values: [2, 2], ratio: 0.5 });
    expect(renderRow(row)).toMatch(
      / {2}other build +not compared: TypeError .X.: no such module\n/,
    );
    expect(failures).toHaveLength(count);
    expect(tries).toBe(2);
  },
);

it('a failure of ours or of a rival ends the row', async () => {
  const { bench } = createBench();
  const failing = async () => {
    throw new Error('gave out');
  };
  await expect(measureRow(bench, { ...ABOUT, ours: failing })).rejects.toThrow('gave out');
  const rivals = [{ name: 'rival', measure: failing }];
  const match = { ...ABOUT, ours: inTurn(1, 1), rivals };
  await expect(measureRow(bench, match)).rejects.toThrow('gave out');
});

it('says who did not keep the pace, and what was noted', async () => {
  const { bench } = createBench();
  const rates = [3990, 3700];
  const row = await measureRow(bench, {
    ...ABOUT,
    ratePerSecond: 4000,
    ours: async () => ({ value: 1, ratePerSecond: rates.shift() ?? 0, note: 'cold' }),
    rivals: [
      {
        name: 'rival',
        ratePerSecond: 4000,
        measure: async () => ({ value: 1, ratePerSecond: 3801 }),
      },
    ],
  });
  expect(row.note).toBe('only 3700/s kept; cold');
  expect(row.rivals[0]?.note).toBe('');
});
