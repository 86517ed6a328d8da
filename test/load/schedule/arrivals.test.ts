import { describe, expect, it } from 'vitest';
import { createArrivals } from '../../../src/load/schedule/arrivals.ts';
import type { ArrivalSchedule, Spacing } from '../../../src/scenario/plan/plan.ts';
import { countArrivals, sumDurationsUs } from '../../../src/scenario/plan/schedule.ts';

/** A piece as [start rate, end rate, seconds]. */
type Piece = [number, number, number];

function schedule(pieces: Piece[], spacing: Spacing = 'uniform', seed = 1): ArrivalSchedule {
  const list = pieces.map(([startRatePerSecond, endRatePerSecond, seconds]) => ({
    startRatePerSecond,
    endRatePerSecond,
    durationUs: seconds * 1e6,
  }));
  return { pieces: list, spacing, seed, arrivalCount: countArrivals(list) };
}

function constant(rate: number, seconds: number, spacing: Spacing = 'uniform', seed = 1) {
  return schedule([[rate, rate, seconds]], spacing, seed);
}

/** Each arrival of a worker as [index, atUs]. */
function listStripe(plan: ArrivalSchedule, worker: number, workers: number): [number, number][] {
  const arrivals = createArrivals(plan, { worker, workers });
  const list: [number, number][] = [];
  while (arrivals.advance()) list.push([arrivals.index, arrivals.atUs]);
  return list;
}

function listTimes(plan: ArrivalSchedule): number[] {
  return listStripe(plan, 0, 1).map(([, atUs]) => atUs);
}

function countWithin(times: readonly number[], fromUs: number, toUs: number): number {
  return times.filter((atUs) => atUs >= fromUs && atUs < toUs).length;
}

const SCHEDULES: [string, Piece[]][] = [
  ['a constant rate', [[97, 97, 10]]],
  ['a fraction a second', [[0.1, 0.1, 10]]],
  ['a rate that does not divide a second', [[33.3, 33.3, 7]]],
  ['a ramp from nothing', [[0, 500, 10]]],
  ['a ramp to nothing', [[500, 0, 10]]],
  ['a quick start', [[20, 600, 25]]],
  [
    'stages with jumps',
    [
      [10, 100, 3],
      [100, 900, 0],
      [900, 900, 2],
      [900, 0, 0],
      [0, 50, 5],
    ],
  ],
  [
    'pauses at both ends and between',
    [
      [0, 0, 3],
      [0, 80, 2],
      [80, 0, 2],
      [0, 0, 4],
      [0, 10, 0],
      [10, 10, 3],
      [10, 0, 0],
      [0, 0, 2],
    ],
  ],
  ['a microsecond apart', [[1_000_000, 1_000_000, 0.1]]],
  ['less than a second', [[400, 500, 0.05]]],
];
const CASES = SCHEDULES.flatMap(([name, pieces]) =>
  (['uniform', 'poisson'] as const).map((spacing) => ({ name, pieces, spacing })),
);

describe.each(CASES)('$name, $spacing', ({ pieces, spacing }) => {
  const plan = schedule(pieces, spacing);
  const all = listStripe(plan, 0, 1);

  it('has exactly as many arrivals as planned, in order', () => {
    expect(all.map(([index]) => index)).toEqual(all.map((_, i) => i));
    expect(all).toHaveLength(plan.arrivalCount);
  });

  it('has integer moments that never go back and lie within the schedule', () => {
    const times = all.map(([, atUs]) => atUs);
    expect(times.every((atUs) => Number.isSafeInteger(atUs) && atUs >= 0)).toBe(true);
    expect(times.every((atUs, i) => i === 0 || atUs >= (times[i - 1] ?? 0))).toBe(true);
    expect(times.at(-1)).toBeLessThan(sumDurationsUs(plan.pieces));
  });

  it.each([2, 3, 4, 5, 6, 7])('is the same to the microsecond on %d workers', (workers) => {
    const stripes = Array.from({ length: workers }, (_, worker) =>
      listStripe(plan, worker, workers),
    );
    stripes.forEach((stripe, worker) => {
      expect(stripe.every(([index]) => index % workers === worker)).toBe(true);
    });
    expect(stripes.flat().sort(([a], [b]) => a - b)).toEqual(all);
  });
});

describe('uniform arrivals', () => {
  it('at a constant rate are one gap apart, the first at once', () => {
    expect(listTimes(constant(100, 1)).slice(0, 4)).toEqual([0, 10_000, 20_000, 30_000]);
    expect(listTimes(constant(3, 2))).toEqual([0, 333_333, 666_667, 1e6, 1_333_333, 1_666_667]);
    expect(listTimes(constant(0.1, 10))).toEqual([0]);
  });

  it('at 97/s for 10 s are 970, each second with 97', () => {
    const times = listTimes(constant(97, 10));
    expect(times).toHaveLength(970);
    for (let second = 0; second < 10; second++) {
      expect(countWithin(times, second * 1e6, (second + 1) * 1e6)).toBe(97);
    }
  });

  it.each([
    [20, 600, 25],
    [600, 20, 25],
    [0, 400, 20],
    [400, 0, 20],
  ])('on a ramp from %d to %d in %d s are as dense as its rate', (start, end, seconds) => {
    const times = listTimes(schedule([[start, end, seconds]]));
    for (let second = 0; second < seconds; second++) {
      const middle = start + ((end - start) * (second + 0.5)) / seconds;
      const count = countWithin(times, second * 1e6, (second + 1) * 1e6);
      expect(Math.abs(count - middle)).toBeLessThanOrEqual(1);
    }
  });

  it('on a ramp come where the cumulative rate reaches their index', () => {
    // 10 t^2 / 2 arrivals are due after t seconds of a ramp from 0 to 100/s in 10 s.
    const times = listTimes(schedule([[0, 100, 10]]));
    times.forEach((atUs, index) => {
      expect(Math.abs(atUs - Math.sqrt(index / 5) * 1e6)).toBeLessThanOrEqual(0.501);
    });
  });

  it('wait a pause out, also one that begins exactly when the next is due', () => {
    const times = listTimes(
      schedule([
        [0, 0, 5],
        [10, 10, 1],
        [0, 0, 3],
        [10, 10, 1],
      ]),
    );
    expect(times).toHaveLength(20);
    expect(times[0]).toBe(5e6);
    expect(times[9]).toBe(5.9e6);
    expect(times[10]).toBe(9e6);
    expect(times[19]).toBe(9.9e6);
  });

  it('wait a pause out where the sums do not come out even', () => {
    const times = listTimes(
      schedule([
        [0.1, 0.1, 10],
        [0.7, 0.7, 10],
        [0.2, 0.2, 10],
        [0, 0, 50],
        [1, 1, 5],
      ]),
    );
    expect(times).toHaveLength(15);
    expect(countWithin(times, 30e6, 80e6)).toBe(0);
    expect(times[10]).toBe(80e6);
  });

  it('jump with the rate', () => {
    const times = listTimes(
      schedule([
        [10, 10, 1],
        [10, 100, 0],
        [100, 100, 1],
      ]),
    );
    expect(countWithin(times, 0, 1e6)).toBe(10);
    expect(countWithin(times, 1e6, 2e6)).toBe(100);
  });
});

describe('poisson arrivals', () => {
  it('are the same for the same seed, and others for another', () => {
    const times = listTimes(constant(100, 10, 'poisson', 5));
    expect(listTimes(constant(100, 10, 'poisson', 5))).toEqual(times);
    expect(listTimes(constant(100, 10, 'poisson', 6))).not.toEqual(times);
  });

  it.each([1, 2, 3])('have gaps like those of independent clients (seed %d)', (seed) => {
    const rate = 1000;
    const times = listTimes(constant(rate, 100, 'poisson', seed));
    const gaps = times.slice(1).map((atUs, i) => ((atUs - (times[i] ?? 0)) / 1e6) * rate);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    // The exponential distribution of mean 1 has variance 1.
    expect(mean).toBeCloseTo(1, 2);
    expect(Math.abs(variance - 1)).toBeLessThan(0.05);
    expect(measureDistance(gaps, (gap) => 1 - Math.exp(-gap))).toBeLessThan(limitDistance(gaps));
  });

  it.each([1, 2, 3])('are spread over the whole schedule alike (seed %d)', (seed) => {
    const times = listTimes(constant(1000, 100, 'poisson', seed));
    expect(measureDistance(times, (atUs) => atUs / 100e6)).toBeLessThan(limitDistance(times));
  });

  it('come in counts a second that vary as a Poisson process of known total does', () => {
    const times = listTimes(constant(100, 1000, 'poisson'));
    const counts = Array.from({ length: 1000 }, () => 0);
    for (const atUs of times) {
      const second = Math.floor(atUs / 1e6);
      counts[second] = (counts[second] ?? 0) + 1;
    }
    const variance = counts.reduce((sum, count) => sum + (count - 100) ** 2, 0) / counts.length;
    expect(variance / 100).toBeGreaterThan(0.8);
    expect(variance / 100).toBeLessThan(1.2);
  });

  it('on a ramp are as dense as its rate', () => {
    const times = listTimes(schedule([[0, 2000, 100]], 'poisson'));
    // Due after t seconds: 10 t^2, of 100,000.
    const share = (atUs: number) => (atUs / 100e6) ** 2;
    expect(measureDistance(times, share)).toBeLessThan(limitDistance(times));
  });

  it('never come in a pause', () => {
    const times = listTimes(
      schedule(
        [
          [100, 100, 10],
          [0, 0, 10],
          [100, 100, 10],
        ],
        'poisson',
      ),
    );
    expect(countWithin(times, 10e6 + 1, 20e6)).toBe(0);
    expect(times).toHaveLength(2000);
  });
});

describe('a stripe', () => {
  it('stays at its last arrival after the end', () => {
    const arrivals = createArrivals(constant(2, 1), { worker: 0, workers: 1 });
    expect([arrivals.index, arrivals.atUs]).toEqual([-1, 0]);
    expect([arrivals.advance(), arrivals.advance(), arrivals.advance()]).toEqual([
      true,
      true,
      false,
    ]);
    expect([arrivals.index, arrivals.atUs]).toEqual([1, 500_000]);
    expect(arrivals.advance()).toBe(false);
  });

  it('is empty where there are fewer arrivals than workers', () => {
    expect(listStripe(constant(2, 1), 5, 7)).toEqual([]);
  });

  it('of a million arrivals is exact to the last', () => {
    const arrivals = createArrivals(constant(10_000, 100), { worker: 2, workers: 3 });
    let count = 0;
    while (arrivals.advance()) count++;
    expect(count).toBe(333_333);
    expect([arrivals.index, arrivals.atUs]).toEqual([999_998, 99_999_800]);
  });
});

/** Kolmogorov and Smirnov's: the largest distance between the values' shares and a distribution. */
function measureDistance(values: readonly number[], cumulative: (value: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((largest, value, i) => {
    const expected = cumulative(value);
    const below = Math.abs(expected - i / sorted.length);
    return Math.max(largest, below, Math.abs((i + 1) / sorted.length - expected));
  }, 0);
}

/** What the distance stays below in 99.9 % of samples of the distribution itself. */
function limitDistance(values: readonly number[]): number {
  return 1.95 / Math.sqrt(values.length);
}
