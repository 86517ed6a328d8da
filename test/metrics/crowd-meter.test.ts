import { describe, expect, it } from 'vitest';
import { CrowdMeter } from '../../src/metrics/crowd-meter.ts';

/** Each attempt: when it was due, begun and over, in milliseconds. */
function meter(attempts: readonly (readonly [due: number, start: number, end: number])[]) {
  const crowds = new CrowdMeter();
  for (const [due, start, end] of attempts) {
    crowds.noteBegun(due * 1000, start * 1000);
    crowds.noteEnded(due * 1000, start * 1000, end * 1000);
  }
  return crowds;
}

describe('how crowded it was when attempts began', () => {
  it.each([
    [
      'alone',
      [
        [0, 0, 5],
        [10, 10, 15],
      ],
      [[0, 2]],
      [[0, 2]],
    ],
    [
      'beside one that goes on',
      [
        [0, 0, 15],
        [10, 10, 15],
      ],
      [
        [0, 1],
        [1, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      'late alike: nothing is bunched',
      [
        [0, 7, 12],
        [10, 17, 22],
      ],
      [[0, 2]],
      [[0, 2]],
    ],
    [
      'bunched by a hold-up, where none were due together',
      [
        [0, 30, 38],
        [10, 30, 38],
        [20, 30, 38],
      ],
      [[0, 3]],
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
    ],
    [
      'due together',
      [
        [0, 0, 8],
        [0, 0, 8],
      ],
      [
        [0, 1],
        [1, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ],
    [
      'moved apart',
      [
        [0, 0, 8],
        [5, 9, 15],
      ],
      [
        [0, 1],
        [1, 1],
      ],
      [[0, 2]],
    ],
  ] as const)('%s', (_, attempts, due, begun) => {
    expect(meter(attempts).take(Number.POSITIVE_INFINITY)).toEqual({ due, begun });
  });

  it('counts the same, however often it is asked', () => {
    const attempts = Array.from(
      { length: 200 },
      (_, i) => [i * 3, i * 3 + (i % 7), i * 3 + 9] as const,
    );
    const whole = meter(attempts).take(Number.POSITIVE_INFINITY);
    const crowds = meter(attempts);
    const sums = { due: new Map<number, number>(), begun: new Map<number, number>() };
    for (const beforeUs of [100_000, 5_200_000, 5_400_000, Number.POSITIVE_INFINITY]) {
      const part = crowds.take(beforeUs);
      for (const line of ['due', 'begun'] as const) {
        for (const [others, count] of part?.[line] ?? []) {
          sums[line].set(others, (sums[line].get(others) ?? 0) + count);
        }
      }
    }
    const sorted = (counts: Map<number, number>) => [...counts].sort(([a], [b]) => a - b);
    expect({ due: sorted(sums.due), begun: sorted(sums.begun) }).toEqual(whole);
  });

  it('keeps few numbers of large crowds, each rounded down by a fifth at most', () => {
    const attempts = Array.from({ length: 1000 }, (_, i) => [i, i, 5000] as const);
    const { begun = [] } = meter(attempts).take(Number.POSITIVE_INFINITY) ?? {};
    expect(begun.length).toBeLessThan(40);
    expect(begun.reduce((sum, [, count]) => sum + count, 0)).toBe(1000);
    expect(begun.slice(0, 11).map(([others]) => others)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12,
    ]);
  });

  it('has nothing to tell of nothing', () => {
    expect(new CrowdMeter().take(Number.POSITIVE_INFINITY)).toBeUndefined();
  });
});
