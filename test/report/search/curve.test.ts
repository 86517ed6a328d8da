import { describe, expect, it } from 'vitest';
import { judgePoint, listCurve } from '../../../src/report/search/curve.ts';
import { createPaint } from '../../../src/report/text/paint.ts';
import type { CurvePoint } from '../../../src/result/records/capacity.ts';
import { CURVE, makePoint } from '../../support/synthetic/synthetic-capacity.ts';

function list(curve: readonly CurvePoint[], columns = 80, until?: string) {
  const section = listCurve('offered', curve, {
    steps: [],
    maxInFlight: 100,
    until,
    columns,
    paint: createPaint(false),
  });
  if ('lines' in section) throw new Error('it is no table');
  return section;
}

describe('the curve of a search', () => {
  it.each([
    [{ trials: 1 }, 'yes', 'yes, 1 of 1'],
    [{ trials: 1, bad: 1 }, 'no', 'no, 0 of 1'],
    [{ trials: 5, bad: 2 }, 'yes', 'yes, 3 of 5'],
    [{ trials: 2, bad: 1 }, 'no', 'no, 1 of 2'],
    [{ trials: 4, bad: 1, invalid: 1 }, 'yes', 'yes, 2 of 3'],
    [{ trials: 3, bad: 1, invalid: 1 }, 'no', 'no, 1 of 2'],
    [{ trials: 2, invalid: 2 }, 'invalid', 'invalid'],
  ] as const)('lets most of the trials that say something decide: %j', (outcome, verdict, cell) => {
    const point = makePoint(100, outcome);
    expect(judgePoint(point)).toBe(verdict);
    expect(list([point]).rows[0]?.at(-1)).toBe(cell);
  });

  it.each([
    [80, 'offered achieved p50 p99 spawn p50 in flight sustained', ''],
    [
      60,
      'offered achieved p50 p99 in flight sustained',
      'the terminal is too narrow for these columns: spawn p50',
    ],
    [
      50,
      'offered achieved p50 p99 sustained',
      'the terminal is too narrow for these columns: spawn p50, in flight',
    ],
    [
      40,
      'offered achieved p99 sustained',
      'the terminal is too narrow for these columns: p50, spawn p50, in flight',
    ],
  ])('leaves out what is worth least, and says so, at %i columns', (columns, head, note) => {
    const { head: shown, rows, notes } = list(CURVE, columns);
    expect(shown.join(' ')).toBe(head);
    for (const row of rows) expect(row).toHaveLength(shown.length);
    const said = notes.map((line) => line.trim()).join(' ');
    if (note === '') expect(said).not.toContain('too narrow');
    else expect(said).toContain(note);
  });

  it('shows a dash for what was not seen, and marks lower bounds', () => {
    const { latency } = makePoint(100);
    const [row] = list([
      makePoint(100, {
        spawnP50Us: null,
        inFlightMean: null,
        latency: { ...latency, atLeast: ['p99Us'] },
      }),
    ]).rows;
    expect(row?.slice(3, 6)).toEqual(['≥ 9.00 ms', '-', '-']);
  });

  it('marks latencies that hold lateness of connstorm, with one note for all of them', () => {
    const { latency } = makePoint(100);
    const late = { latency: { ...latency, atMost: ['p99Us' as const] }, late: 1 };
    const { rows, notes } = list([makePoint(100, late), makePoint(200, { trials: 3, late: 1 })]);
    expect(rows[0]?.slice(2, 4)).toEqual(['5.00 ms', '≤ 9.00 ms']);
    expect(rows[1]?.slice(2, 4)).toEqual(['5.00 ms', '9.00 ms']);
    expect(notes.map((line) => line.trim()).join(' ')).toContain(
      'connstorm was late in these trials: 1 of 1 at 100/s, 1 of 3 at 200/s. Their rates count, their latencies do not. ≤ marks a rate at which connstorm was late in every trial',
    );
  });

  it('knows nothing of a latency that is a bound on both sides', () => {
    const { latency } = makePoint(100);
    const both = { ...latency, atMost: ['p99Us' as const], atLeast: ['p99Us' as const] };
    expect(list([makePoint(100, { latency: both, late: 1 })]).rows[0]?.[3]).toBe('unknown');
  });

  it('tells rates apart that look alike', () => {
    const { rows, notes } = list([
      makePoint(106.6, { late: 1 }),
      makePoint(107.4),
      makePoint(107.44),
      makePoint(120),
    ]);
    expect(rows.map(([rate]) => rate)).toEqual(['106.6/s', '107.40/s', '107.44/s', '120/s']);
    expect(notes.join(' ')).toContain('1 of 1 at 106.6/s');
  });
});

it.each([["the first query's result"], ["the last statement's result"]])(
  'says until when attempts are in flight where a connect is complete with %s',
  (until) => {
    const said = list(CURVE, 80, until)
      .notes.map((line) => line.trim())
      .join(' ');
    expect(said).toContain(`achieved: with ${until}; `);
    expect(said).toContain(
      `in flight: mean / highest number until ${until} (the cap counts until ready); `,
    );
    expect(list(CURVE).notes.join(' ')).not.toContain('until ready');
  },
);
