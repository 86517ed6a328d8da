import { describe, expect, it } from 'vitest';
import { formatDuration, formatSpan, formatSpanRange } from '../src/duration-text.ts';

describe('a time', () => {
  it.each([
    [0, '0 s'],
    [250, '250 µs'],
    [2000, '2 ms'],
    [250_000, '250 ms'],
    [333_333, '333 ms'],
    [999_999, '1 s'],
    [1_500_000, '1.5 s'],
    [1_234_000, '1.234 s'],
    [2_537_123, '2.54 s'],
    [3_000_000, '3 s'],
    [120_500_000, '120.5 s'],
    [3_600_000_000, '3600 s'],
  ])('that was set, %d µs, has the digits that it was set with: %s', (us, text) => {
    expect(formatSpan(us)).toBe(text);
  });

  it('that was measured has three digits', () => {
    expect([2_000_000, 3000, 45_600_000].map(formatDuration)).toEqual([
      '2.00 s',
      '3.00 ms',
      '45.6 s',
    ]);
  });

  it.each([
    [0, 5_000_000, '0-5 s'],
    [500_000, 1_000_000, '0.5-1 s'],
    [0, 250_000, '0-250 ms'],
    [25_000_000, 27_300_000, '25-27.3 s'],
  ])('from %d to %d µs is in one unit: %s', (fromUs, toUs, text) => {
    expect(formatSpanRange(fromUs, toUs)).toBe(text);
  });
});
