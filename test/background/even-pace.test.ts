import { expect, it } from 'vitest';
import { EvenPace } from '../../src/background/even-pace.ts';

function listMoments(pace: EvenPace, nowUs: number): number[] {
  const moments: number[] = [];
  for (let atUs = pace.take(nowUs); atUs !== undefined; atUs = pace.take(nowUs)) {
    moments.push(atUs);
  }
  return moments;
}

it('spaces the moments evenly from T0 on', () => {
  expect(listMoments(new EvenPace(4), 1_000_000)).toEqual([
    0, 250_000, 500_000, 750_000, 1_000_000,
  ]);
});

it('does not drift where the spacing is no whole microsecond', () => {
  const moments = listMoments(new EvenPace(3), 1_000_000_000);
  expect(moments).toHaveLength(3001);
  expect(moments.at(-1)).toBe(1_000_000_000);
});

it.each([
  [50, 2_000_000, 100],
  [7, 1_000_000, 7],
  [0.4, 2_000_000, 1],
  [1000, 1_500_000, 1500],
])('has exactly the moments before the end: %d/s until %d us are %d', (rate, untilUs, count) => {
  expect(listMoments(new EvenPace(rate, untilUs), 10 * untilUs)).toHaveLength(count);
});

it('gives out no moment before it is due, and says which is next', () => {
  const pace = new EvenPace(10);
  expect(pace.take(-1)).toBeUndefined();
  expect(pace.take(0)).toBe(0);
  expect(pace.take(99_999)).toBeUndefined();
  expect(pace.nextUs).toBe(100_000);
});
