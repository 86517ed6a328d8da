import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatDurationRange,
  formatNumberRange,
  formatRate,
  formatRateRange,
  formatSeconds,
  formatShare,
} from '../../../src/report/text/format.ts';

describe('formatDuration', () => {
  it.each([
    [null, '-'],
    [0, '0 µs'],
    [7, '7 µs'],
    [999, '999 µs'],
    [1000, '1.00 ms'],
    [9996, '10.0 ms'],
    [12_345, '12.3 ms'],
    [123_456, '123 ms'],
    [999_499, '999 ms'],
    [999_600, '1.00 s'],
    [1_234_567, '1.23 s'],
    [45_678_901, '45.7 s'],
    [123_456_789, '123 s'],
    [4_000_000_000, '4000 s'],
  ])('writes %s us as %s', (us, text) => expect(formatDuration(us)).toBe(text));
});

describe('formatRate', () => {
  it.each([
    [0, '0/s'],
    [0.05, '0.05/s'],
    [0.5, '0.50/s'],
    [9.999, '10.0/s'],
    [97, '97.0/s'],
    [1234.4, '1,234/s'],
  ])('writes %s as %s', (rate, text) => expect(formatRate(rate)).toBe(text));
});

it('writes counts with separators, shares in percent and seconds with tenths', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
  expect([0, 0.004, 0.0999, 0.5, 1].map(formatShare)).toEqual([
    '0.0%',
    '0.4%',
    '10%',
    '50%',
    '100%',
  ]);
  expect([0, 2_500_000, 25_000_000].map(formatSeconds)).toEqual(['0', '2.5', '25']);
});

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [65_536, '64.0 KiB'],
  [1_048_000, '1.00 MiB'],
  [8e9, '7.45 GiB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

describe('intervals', () => {
  it.each([
    [402.4, 421.2, '402-421'],
    [1402, 1471, '1,402-1,471'],
    [38.21, 40.1, '38.2-40.1'],
    [402.1, 402.3, '402'],
  ])('of rates, %d to %d, have no unit', (low, high, text) => {
    expect(formatRateRange(low, high)).toBe(text);
  });

  it.each([
    [2_375_000, 2_490_000, '2.38-2.49 s'],
    [950_000, 1_020_000, '950 ms-1.02 s'],
    [2_400_000, 2_401_000, '2.40 s'],
  ])('of times, %d to %d us, have their unit once where it is the same', (low, high, text) => {
    expect(formatDurationRange(low, high)).toBe(text);
  });

  it('of numbers have three digits', () => {
    expect(formatNumberRange(1.906, 2)).toBe('1.91-2.00');
    expect(formatNumberRange(20.04, 20.04)).toBe('20.0');
  });
});
