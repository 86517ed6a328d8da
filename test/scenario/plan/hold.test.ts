import { describe, expect, it } from 'vitest';
import { drawHoldUs, noteHeld, readHold } from '../../../src/scenario/plan/hold.ts';

const COUNT = 20_000;
const draw = (seed: number, minUs = 1_000_000, maxUs = 3_000_000): number[] =>
  Array.from({ length: COUNT }, (_, index) =>
    Number(drawHoldUs({ minUs, maxUs }, { seed, index })),
  );

describe('the hold of an arrival', () => {
  it.each([0, 1_500, 'end'] as const)('is %s for every arrival where it is fixed', (hold) => {
    expect([0, 1, 999].map((index) => drawHoldUs(hold, { seed: 1, index }))).toEqual([
      hold,
      hold,
      hold,
    ]);
  });

  it('is drawn evenly between its bounds', () => {
    const bins = new Array(20).fill(0);
    for (const us of draw(7)) {
      expect(Number.isInteger(us)).toBe(true);
      const bin = Math.min(19, Math.floor((us - 1_000_000) / 100_000));
      bins[bin]++;
    }
    // Chi-squared of 19 degrees of freedom: above 43.8 once in a thousand seeds, and this one is fixed.
    const expected = COUNT / 20;
    const chiSquared = bins.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
    expect(chiSquared).toBeLessThan(43.8);
  });

  it('includes both bounds, and nothing beyond', () => {
    const drawn = new Set(draw(7, 5, 8));
    expect([...drawn].sort()).toEqual([5, 6, 7, 8]);
  });

  it('is the same for the same seed, and another for another', () => {
    const once = draw(7);
    expect(draw(7)).toEqual(once);
    const same = draw(8).filter((us, index) => us === once[index]);
    expect(same.length).toBeLessThan(10);
  });

  it('does not follow from the hold of the arrival before', () => {
    const deviations = draw(7).map((us) => us - 2_000_000);
    const variance = deviations.reduce((sum, d) => sum + d * d, 0) / COUNT;
    const lagged = deviations.slice(1).map((d, i) => d * (deviations[i] ?? 0));
    const correlation = lagged.reduce((sum, d) => sum + d, 0) / COUNT / variance;
    expect(Math.abs(correlation)).toBeLessThan(0.03);
  });
});

it.each([
  [0, undefined],
  ['end', undefined],
  [
    500_000,
    'connections that are held (500 ms each) do not count in flight: at 100/s they need 50 more slots',
  ],
  [
    { minUs: 0, maxUs: 10_000 },
    'connections that are held (up to 10 ms each) do not count in flight: at 100/s they need 1 more slot',
  ],
] as const)('is told of a search: %j', (hold, note) => {
  expect(noteHeld(hold)).toBe(note);
});

it.each([
  [{}, undefined],
  [{ hold: '2s' }, 2_000_000],
  [{ hold: 'end' }, 'end'],
  [{ hold: { min: '1s', max: '3s' } }, { minUs: 1_000_000, maxUs: 3_000_000 }],
  [{ hold: 'for long' }, undefined],
  [{ hold: { min: '1s' } }, undefined],
  [{ hold: 7 }, undefined],
])('is read from a scenario that nobody has checked: %j', (connection, hold) => {
  expect(readHold({ connection })).toEqual(hold);
});
