import { deflateSync, inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Histogram, rankOf } from '../../src/model/histogram.ts';

/** Deterministic values over six orders of magnitude. */
function makeValues(seed: number, count: number): number[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(10 ** ((state / 2_147_483_648) * 7));
  });
}

function fill(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const QUANTILES = [0, 0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999, 1];
const CASES = [1, 2, 3, 4, 5].map((seed) => ({ seed, count: 7 ** seed }));

describe('Histogram', () => {
  it.each(CASES)('keeps count, min, max and sum exactly ($count values)', ({ seed, count }) => {
    const values = makeValues(seed, count);
    const histogram = fill(values);
    expect(histogram.count).toBe(count);
    expect(histogram.minUs).toBe(Math.min(...values));
    expect(histogram.maxUs).toBe(Math.max(...values));
    expect(histogram.sumUs).toBe(values.reduce((sum, value) => sum + value));
  });

  it.each(CASES)('is within 0.1 % of the exact quantile ($count values)', ({ seed, count }) => {
    const values = makeValues(seed, count).sort((a, b) => a - b);
    const histogram = fill(values);
    for (const q of QUANTILES) {
      const exact = values[rankOf(q, count) - 1] ?? Number.NaN;
      expect(Math.abs((histogram.quantile(q) ?? Number.NaN) - exact)).toBeLessThanOrEqual(
        exact / 1000,
      );
    }
  });

  it.each(CASES)('has quantiles that never fall as q rises ($count values)', ({ seed, count }) => {
    const histogram = fill(makeValues(seed, count));
    const figures = Array.from({ length: 200 }, (_, i) => histogram.quantile(i / 199) ?? -1);
    expect(figures).toEqual([...figures].sort((a, b) => a - b));
  });

  it.each(CASES)(
    'merges to what recording all at once gives ($count values)',
    ({ seed, count }) => {
      const values = makeValues(seed, count);
      const merged = fill(values.slice(0, count / 3));
      merged.add(fill(values.slice(count / 3)));
      merged.add(new Histogram());
      expect(merged.encode()).toEqual({ ...fill(values).encode(), data: merged.encode().data });
      expect(QUANTILES.map((q) => merged.quantile(q))).toEqual(
        QUANTILES.map((q) => fill(values).quantile(q)),
      );
    },
  );

  it.each(CASES)('decodes to what was encoded ($count values)', ({ seed, count }) => {
    const histogram = fill(makeValues(seed, count));
    const decoded = Histogram.decode(JSON.parse(JSON.stringify(histogram.encode())));
    expect(decoded.encode()).toEqual(histogram.encode());
    expect(QUANTILES.map((q) => decoded.quantile(q))).toEqual(
      QUANTILES.map((q) => histogram.quantile(q)),
    );
  });

  it('takes larger values after it was decoded', () => {
    const decoded = Histogram.decode(fill([5]).encode());
    decoded.record(1_000_000_000);
    decoded.add(fill([3_000_000_000]));
    expect(decoded.maxUs).toBe(3_000_000_000);
    expect(decoded.count).toBe(3);
  });

  it('keeps zeros', () => {
    const histogram = fill([0, 0, 0, 5]);
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.quantile(1)).toBe(5);
    expect(Histogram.decode(histogram.encode()).count).toBe(4);
  });

  it('has no quantile while it is empty, and survives encoding', () => {
    expect(new Histogram().quantile(0.5)).toBeNull();
    expect(Histogram.decode(new Histogram().encode()).count).toBe(0);
  });

  it.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY, 2 ** 43])('refuses %s', (value) => {
    const histogram = new Histogram();
    expect(() => histogram.record(value)).toThrow(RangeError);
    expect(histogram.count).toBe(0);
  });

  it('records a value as often as asked', () => {
    const once = fill([0, 7, 7, 7]);
    const often = new Histogram();
    often.record(0);
    often.record(7, 3);
    expect(often.encode()).toEqual(once.encode());
  });

  it.each([
    ['says that its counts are longer than they are', 4, 2 ** 30],
    ['has other digits', 12, 5],
    ['begins at another value', 20, 1000],
    ['wants a huge table', 24, 2 ** 30],
  ])('refuses to decode data that %s', (_, at, value) => {
    const { data, ...figures } = fill([1, 2, 3]).encode();
    const packed = Buffer.from(data, 'base64');
    const bytes = inflateSync(packed.subarray(8));
    bytes.writeInt32BE(value, at);
    const body = deflateSync(bytes);
    packed.writeInt32BE(body.length, 4);
    const hostile = Buffer.concat([packed.subarray(0, 8), body]).toString('base64');
    expect(() => Histogram.decode({ ...figures, data: hostile })).toThrow(/not of this kind/);
  });

  it('refuses to decode data that would fill the memory', () => {
    const { data, ...figures } = fill([1, 2, 3]).encode();
    const packed = Buffer.from(data, 'base64');
    const body = deflateSync(Buffer.alloc(10_000_000));
    packed.writeInt32BE(body.length, 4);
    const hostile = Buffer.concat([packed.subarray(0, 8), body]).toString('base64');
    expect(() => Histogram.decode({ ...figures, data: hostile })).toThrow(/larger than/);
  });

  it.each(['', 'HIST', 'HISTFAAA', '!!!!'])('refuses to decode %j', (data) => {
    expect(() => Histogram.decode({ ...fill([1]).encode(), data })).toThrow(Error);
  });

  it('refuses to decode data that does not hold the count it names', () => {
    const encoded = fill([1, 2, 3]).encode();
    expect(() => Histogram.decode({ ...encoded, count: 4 })).toThrow(/4 values and holds 3/);
  });
});

describe('rankOf', () => {
  it.each([
    [0.99, 100, 99],
    [0.07, 100, 7],
    [0.999, 1000, 999],
    [0.5, 3, 2],
    [0, 10, 1],
    [1, 10, 10],
  ])('puts q %d of %d values at rank %d', (q, count, rank) => {
    expect(rankOf(q, count)).toBe(rank);
  });
});
