import { describe, expect, it } from 'vitest';
import { BackgroundFold, hasActed } from '../../../src/analysis/beside/background.ts';
import { Histogram } from '../../../src/model/histogram.ts';
import { checkRecord } from '../../../src/result/read/shapes/record-shapes.ts';
import type { BackgroundRecord } from '../../../src/result/records/background.ts';
import { shiftRecord } from '../../../src/result/shift.ts';

function encode(...values: number[]) {
  const histogram = new Histogram();
  for (const us of values) histogram.record(us);
  return histogram.encode();
}

const FIRST: BackgroundRecord = {
  type: 'background',
  name: 'readers',
  activity: 'queries',
  fromUs: 0,
  toUs: 1_000_000,
  actingUs: 1_000_000,
  acts: { due: 5, done: 3, failed: 0, skipped: 1, cancelled: 0 },
  inFlight: 1,
  latency: encode(100, 200, 300),
  errors: [],
  kept: { wanted: 2, open: 2, lost: 0, back: 0, awayUs: 0, longestAwayUs: 0 },
  opening: { asked: 2, opened: 2, elapsedUs: 5_000 },
};

const SECOND: BackgroundRecord = {
  ...FIRST,
  fromUs: 1_000_000,
  toUs: 2_200_000,
  actingUs: 500_000,
  acts: { due: 2, done: 1, failed: 1, skipped: 0, cancelled: 1 },
  inFlight: 0,
  latency: encode(400),
  errors: [
    {
      layer: 'server',
      phase: 'query',
      code: '57014',
      message: 'canceled',
      normalised: 'canceled',
      count: 1,
      ledger: 'attempt',
    },
  ],
  kept: { wanted: 2, open: 1, lost: 2, back: 1, awayUs: 700, longestAwayUs: 500 },
};

describe('the summary of a background', () => {
  it('adds up the records of each activity by itself', () => {
    const fold = new BackgroundFold();
    const { opening: _, ...second } = SECOND;
    for (const record of [FIRST, { ...FIRST, name: 'others' }, second]) fold.add(record);
    const [readers, others] = fold.list();
    expect(others).toMatchObject({ name: 'others', inFlight: 1, acts: { due: 5 } });
    expect(readers).toMatchObject({
      name: 'readers',
      activity: 'queries',
      actingUs: 1_500_000,
      acts: { due: 7, done: 4, failed: 1, skipped: 1, cancelled: 1 },
      inFlight: 0,
      // Three acts have no time of their own: they rank behind the four that have.
      latency: { count: 4, censored: 3, minUs: 100, p50Us: 400, atLeast: expect.anything() },
      errors: [{ code: '57014', count: 1 }],
      kept: { wanted: 2, fewestOpen: 1, lost: 2, back: 1, awayUs: 700, longestAwayUs: 500 },
      openings: [{ asked: 2, opened: 2, elapsedUs: 5_000 }],
    });
  });

  it('knows whether anything acted: connections that are only held cost nothing', () => {
    const fold = new BackgroundFold();
    fold.add({ ...FIRST, acts: { due: 0, done: 0, failed: 0, skipped: 0, cancelled: 0 } });
    expect(hasActed(fold.list())).toBe(false);
    fold.add(SECOND);
    expect(hasActed(fold.list())).toBe(true);
  });
});

describe('a record of a background', () => {
  it('is read as it was written, and its times move with its leg', () => {
    expect(checkRecord(FIRST)).toBeUndefined();
    expect(shiftRecord(SECOND, 10)).toEqual({ ...SECOND, fromUs: 1_000_010, toUs: 2_200_010 });
  });

  it.each<[string, object]>([
    ['.acts.done', { acts: { ...FIRST.acts, done: -1 } }],
    ['.inFlight', { inFlight: 'x' }],
    ['.kept.open', { kept: { ...FIRST.kept, open: 0.5 } }],
    ['.opening.asked', { opening: { opened: 1, elapsedUs: 1 } }],
    ['.workers.launched', { workers: { planned: 1 } }],
    ['.errors', { errors: {} }],
  ])('with a fault at %s is refused', (path, fault) => {
    expect(checkRecord({ ...FIRST, ...fault })).toContain(path.slice(1));
  });
});
