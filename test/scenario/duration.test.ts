import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../src/scenario/duration.ts';

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['1us', 1],
    ['500ms', 500_000],
    ['10s', 10_000_000],
    ['1.5s', 1_500_000],
    ['0.1s', 100_000],
    ['1m30s', 90_000_000],
    ['1h', 3_600_000_000],
    ['1h0m0.5s', 3_600_500_000],
    ['2d', 172_800_000_000],
    ['1.4us', 1],
    ['1d2h3m4s5ms6us', 93_784_005_006],
    ['5m', 300_000_000],
    ['1s5ms', 1_005_000],
  ])('reads %s as %d microseconds', (text, us) => {
    expect(parseDuration(text)).toBe(us);
  });

  it.each([
    '',
    '10',
    's',
    '10 s',
    '-1s',
    '1.s',
    '.5s',
    '1e3s',
    '10S',
    '10sec',
    '1s,',
    'end',
    '1s1s',
    '30s1m',
    '1ms1ms',
    '1m1h',
  ])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(RangeError);
  });
});
