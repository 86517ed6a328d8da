import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatDuration,
  formatRate,
  formatSeconds,
  formatShare,
} from '../../src/report/format.ts';

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
