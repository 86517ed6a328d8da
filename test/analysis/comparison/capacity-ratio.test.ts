import { describe, expect, it } from 'vitest';
import {
  type CapacityRatio,
  compareCapacities,
} from '../../../src/analysis/comparison/capacity-ratio.ts';
import type { Side } from '../../../src/analysis/comparison/obstacles.ts';
import { renderCapacityRatios } from '../../../src/report/compare/capacity-ratio.ts';
import { createPaint } from '../../../src/report/text/paint.ts';
import type { Capacity } from '../../../src/result/records/capacity.ts';
import { FOUND, INVALID, NOT_REACHED, WALL } from '../../support/synthetic/synthetic-capacity.ts';
import { sideOf } from '../../support/synthetic/synthetic-side.ts';

function searched(name: string, capacity: Capacity | null): Side {
  const side = sideOf(name, []);
  return { ...side, summary: { ...side.summary, capacity } };
}

const between = (
  low: number | null,
  high: number | null,
  over: Partial<Capacity> = {},
): Capacity => ({ ...FOUND, lowerPerSecond: low, upperPerSecond: high, ...over });

const DIRECT = searched('direct', between(40, 50));

function compare(
  sides: readonly Side[],
  { objections = [] as string[], isForced = false } = {},
): CapacityRatio[] {
  return compareCapacities(
    sides,
    { relative: 0.05 },
    { findObjections: () => objections, isForced },
  );
}

const render = (ratios: readonly CapacityRatio[]): string =>
  renderCapacityRatios(ratios, { columns: 1000, paint: createPaint(false) }).join('\n');

/** The target changed while it was searched: the bounds hold for all that the search saw, a confirmation that failed included. */
const UNSTABLE: Partial<Capacity> = { kind: 'unstable', confirmed: false };

describe('how many times as many connects a second', () => {
  it.each<[string, Capacity, Partial<CapacityRatio>, string]>([
    [
      'more',
      between(400, 500),
      { low: 8, high: 12.5, verdict: 'more' },
      'pooled sustains 8.00-12.5 times as many connects a second as direct',
    ],
    [
      'fewer',
      between(10, 20),
      { low: 0.2, high: 0.5, verdict: 'fewer' },
      'pooled sustains 0.20-0.50 times as many connects a second as direct',
    ],
    [
      'intervals that overlap',
      between(45, 60),
      { low: 0.9, high: 1.5, verdict: 'inconclusive' },
      'it is not known whether pooled sustains more or fewer connects a second than direct: 0.90-1.50 times as many; to find out, search with a smaller load.tolerance, or run both at one rate as variants in five rounds (--repeat 5)',
    ],
    [
      'what was not held at the end',
      between(400, 500, { confirmed: false }),
      { low: null, high: 12.5, verdict: 'descriptive' },
      'no verdict on which of pooled and direct sustains more connects a second: the confirmation of the capacity found for pooled failed: search again, with a longer load.maxDuration; measured: at most 12.5 times as many',
    ],
    [
      'what was not confirmed',
      between(400, 500, { confirmed: null }),
      { low: 8, high: 12.5, verdict: 'descriptive' },
      'no verdict on which of pooled and direct sustains more connects a second: the capacity found for pooled was not confirmed: search again, with a longer load.maxDuration; measured: 8.00-12.5 times as many',
    ],
    [
      'what the other can do is not reached',
      { ...NOT_REACHED, lowerPerSecond: 400 },
      { low: 8, high: null, verdict: 'descriptive' },
      "no verdict on which of pooled and direct sustains more connects a second: pooled's capacity was not reached: raise load.maxRate or load.maxDuration; measured: at least 8.00 times as many",
    ],
    [
      'it sustains none that was tried',
      { ...NOT_REACHED, lowerPerSecond: null, upperPerSecond: 20 },
      { low: null, high: 0.5, verdict: 'descriptive' },
      "no verdict on which of pooled and direct sustains more connects a second: pooled's capacity was not reached: raise load.maxRate or load.maxDuration; measured: at most 0.50 times as many",
    ],
    [
      'a wall is a limit on slots, beyond which more may be',
      { ...WALL, lowerPerSecond: 400, upperPerSecond: 500 },
      { low: 8, high: null, verdict: 'more' },
      'pooled sustains at least 8.00 times as many connects a second as direct',
    ],
    [
      'a low wall says nothing of what is above it',
      { ...WALL, lowerPerSecond: 10, upperPerSecond: 12 },
      { low: 0.2, high: null, verdict: 'inconclusive' },
      'it is not known whether pooled sustains more or fewer connects a second than direct: at least 0.20 times as many; to find out, search with a smaller load.tolerance, or run both at one rate as variants in five rounds (--repeat 5)',
    ],
    [
      'connstorm gave out',
      { ...INVALID, upperPerSecond: 500 },
      { low: 8, high: null, verdict: 'descriptive' },
      'no verdict on which of pooled and direct sustains more connects a second: connstorm gave out first with pooled: see its report; measured: at least 8.00 times as many',
    ],
    [
      'an unstable answer whose bounds exclude the other',
      between(400, 500, UNSTABLE),
      { low: 8, high: 12.5, verdict: 'descriptive' },
      "no verdict on which of pooled and direct sustains more connects a second: pooled's answer is unstable: search again when nothing else needs the machine; measured: 8.00-12.5 times as many",
    ],
    [
      'an unstable answer whose bounds do not',
      between(30, 500, UNSTABLE),
      { low: 0.6, high: 12.5, verdict: 'descriptive' },
      "no verdict on which of pooled and direct sustains more connects a second: pooled's answer is unstable: search again when nothing else needs the machine; measured: 0.60-12.5 times as many",
    ],
    [
      'an unstable answer without any bound',
      between(null, null, UNSTABLE),
      { low: null, high: null, verdict: 'descriptive' },
      "no verdict on which of pooled and direct sustains more connects a second: pooled's answer is unstable: search again when nothing else needs the machine; measured: no bounds are known",
    ],
  ])('%s', (_, capacity, ratio, sentence) => {
    const ratios = compare([DIRECT, searched('pooled', capacity)]);
    expect(ratios).toMatchObject([{ a: 'pooled', b: 'direct', ...ratio }]);
    expect(render(ratios)).toBe(sentence);
  });

  it.each<[string, Partial<Capacity>, string]>([
    [
      'unstable',
      UNSTABLE,
      'the answers of direct and pooled are unstable: search again when nothing else needs the machine; measured: 0.60-1.33 times as many',
    ],
    [
      'invalid',
      { kind: 'invalid' },
      'connstorm gave out first with direct and pooled: see their reports; measured: no bounds are known',
    ],
    [
      'not reached',
      { kind: 'not-reached', upperPerSecond: null },
      'the capacities of direct and pooled were not reached: raise load.maxRate or load.maxDuration; measured: no bounds are known',
    ],
    [
      'not held at the end',
      { confirmed: false },
      'the confirmation of the capacity found for direct and pooled failed: search again, with a longer load.maxDuration; measured: no bounds are known',
    ],
  ])('says once what troubles both sides: %s', (_, over, said) => {
    const direct = searched('direct', between(45, 50, over));
    const ratios = compare([direct, searched('pooled', between(30, 60, over))]);
    expect(render(ratios)).toBe(
      `no verdict on which of pooled and direct sustains more connects a second: ${said}`,
    );
    expect(ratios[0]?.reasons).toHaveLength(1);
  });

  it('is as many where the intervals are narrow, and at most beside a wall', () => {
    const narrow = searched('a', between(400, 404));
    expect(compare([narrow, searched('b', between(398, 406))])).toMatchObject([
      { verdict: 'equivalent' },
    ]);
    const wall = searched('wall', { ...WALL, lowerPerSecond: 20, upperPerSecond: 25 });
    expect(compare([wall, narrow])).toMatchObject([{ low: null, high: 404 / 20 }]);
  });

  it('is not judged where something stands against it, but by force, and never without an answer', () => {
    const objections = ['pooled is invalid: ACCOUNTING'];
    const pooled = searched('pooled', between(400, 500));
    expect(compare([DIRECT, pooled], { objections })).toMatchObject([
      { verdict: 'descriptive', reasons: objections },
    ]);
    const forced = compare([DIRECT, pooled], { objections, isForced: true });
    expect(forced).toMatchObject([{ verdict: 'more', reasons: objections, forced: true }]);
    expect(render(forced)).toContain(
      'judged in spite of this (--force): pooled is invalid: ACCOUNTING',
    );
    const unheld = searched('pooled', between(400, 500, { confirmed: false }));
    expect(compare([DIRECT, unheld], { isForced: true })[0]?.verdict).toBe('descriptive');
  });

  it('says nothing of sides that were not searched', () => {
    const plain = searched('plain', null);
    expect(compare([plain, DIRECT])).toEqual([]);
    expect(compare([DIRECT, plain])).toEqual([]);
  });
});

it('does not tell to search longer where a search was cut short', () => {
  const cutShort = { by: 'target', atUs: 21_400_000, reason: 'the server went down' } as const;
  const sides = [DIRECT, searched('pooled', { ...NOT_REACHED, cutShort })];
  const [ratio] = compare(sides);
  expect(ratio).toMatchObject({ verdict: 'descriptive' });
  expect(ratio?.reasons).toEqual([
    'the search of pooled was cut short: see its report, and search again',
  ]);
});
