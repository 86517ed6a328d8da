import { describe, expect, it } from 'vitest';
import { summariseMetric } from '../../../src/analysis/figures/quantiles.ts';
import { Histogram } from '../../../src/model/histogram.ts';

function fill(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function censor(elapsed: readonly number[], unseen = 0) {
  return { elapsed: fill(elapsed), unseen };
}

const TEN_SECONDS = 10_000_000;

describe('summariseMetric', () => {
  it('takes the value of rank ceil(q * n)', () => {
    expect(summariseMetric(fill(upTo(1000)))).toEqual({
      count: 1000,
      minUs: 1,
      meanUs: 501,
      p50Us: 500,
      p90Us: 900,
      p95Us: 950,
      p99Us: 990,
      p999Us: 999,
      maxUs: 1000,
    });
  });

  it('is count 0 and nulls where there is no value', () => {
    const nothing = {
      count: 0,
      minUs: null,
      meanUs: null,
      p50Us: null,
      p90Us: null,
      p95Us: null,
      p99Us: null,
      p999Us: null,
      maxUs: null,
    };
    expect(summariseMetric(new Histogram())).toEqual(nothing);
    expect(summariseMetric(new Histogram(), censor([]))).toEqual({ ...nothing, censored: 0 });
    expect(summariseMetric(new Histogram(), censor([], 9))).toEqual({ ...nothing, censored: 9 });
  });

  it.each([
    { censored: 0, atLeast: undefined, p50Us: 50, p99Us: 99, maxUs: 100 },
    { censored: 1, atLeast: ['p999Us', 'maxUs'], p50Us: 51, p99Us: 100, maxUs: TEN_SECONDS },
    {
      censored: 25,
      atLeast: ['p90Us', 'p95Us', 'p99Us', 'p999Us', 'maxUs'],
      p50Us: 63,
      p99Us: TEN_SECONDS,
      maxUs: TEN_SECONDS,
    },
    {
      censored: 150,
      atLeast: ['p50Us', 'p90Us', 'p95Us', 'p99Us', 'p999Us', 'maxUs'],
      p50Us: TEN_SECONDS,
      p99Us: TEN_SECONDS,
      maxUs: TEN_SECONDS,
    },
  ])('ranks $censored timed-out attempts after 100 values', ({ censored, ...expected }) => {
    const elapsed = new Array(censored).fill(TEN_SECONDS);
    const summary = summariseMetric(fill(upTo(100)), censor(elapsed));
    expect(summary).toMatchObject({ count: 100, censored, minUs: 1, meanUs: 51 });
    const { p50Us, p99Us, maxUs, atLeast } = summary;
    expect({ p50Us, p99Us, maxUs, atLeast }).toEqual(expected);
  });

  it('claims no more than it knows of attempts that nobody saw, and no figure below the one before', () => {
    const { p50Us, p90Us, p99Us, maxUs, atLeast } = summariseMetric(fill(upTo(50)), censor([], 50));
    expect({ p50Us, p90Us, p99Us, maxUs }).toEqual({ p50Us: 50, p90Us: 50, p99Us: 50, maxUs: 50 });
    expect(atLeast).not.toContain('p50Us');
    expect(atLeast).toContain('p90Us');
  });

  it('has lower bounds where nothing but timeouts came', () => {
    const summary = summariseMetric(new Histogram(), censor([700, 800]));
    expect(summary).toMatchObject({ count: 0, minUs: null, meanUs: null, p50Us: 700, p99Us: 800 });
    expect(summary.atLeast).toHaveLength(6);
  });

  it('has figures that never fall, and lower bounds that hold, whatever is censored', () => {
    for (let timedOut = 0; timedOut <= 60; timedOut += 5) {
      for (let unseen = 0; unseen <= 60; unseen += 5) {
        const elapsed = upTo(timedOut).map((us) => us * 3);
        const summary = summariseMetric(fill(upTo(40)), censor(elapsed, unseen));
        const { p50Us, p90Us, p95Us, p99Us, p999Us, maxUs } = summary;
        const figures = [p50Us, p90Us, p95Us, p99Us, p999Us, maxUs].map(Number);
        expect(figures).toEqual([...figures].sort((a, b) => a - b));
        expect(summary.atLeast?.includes('maxUs') ?? false).toBe(timedOut + unseen > 0);
      }
    }
  });
});
