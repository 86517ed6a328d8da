import { expect, it } from 'vitest';
import { listCapacityRatios } from '../../../src/analysis/comparison/capacity-ratio.ts';
import { renderCapacityRatios } from '../../../src/report/capacity-ratio.ts';
import type { Capacity } from '../../../src/result/summary-records.ts';
import { FOUND } from '../../support/synthetic-capacity.ts';

const searched = (name: string, low: number | null, high: number | null) => {
  const capacity: Capacity = { ...FOUND, lowerPerSecond: low, upperPerSecond: high };
  return { name, summary: { capacity } };
};
const DIRECT = searched('direct', 40, 50);

it.each<[string, ReturnType<typeof searched>, { low: number | null; high: number | null }, string]>(
  [
    [
      'both are known',
      searched('pooled', 400, 500),
      { low: 8, high: 12.5 },
      'pooled sustains 8.00-12.5 times as many connects a second as direct',
    ],
    [
      'what the other can do is not reached',
      searched('pooled', 400, null),
      { low: 8, high: null },
      'pooled sustains at least 8.00 times as many connects a second as direct',
    ],
    [
      'it sustains none that was tried',
      searched('pooled', null, 20),
      { low: null, high: 0.5 },
      'pooled sustains at most 0.50 times as many connects a second as direct',
    ],
    [
      'nothing is known',
      searched('pooled', null, null),
      { low: null, high: null },
      'how many connects a second pooled sustains beside direct is not known',
    ],
  ],
)('how many times as many connects a second: %s', (_, other, ratio, sentence) => {
  expect(listCapacityRatios([DIRECT, other])).toEqual([{ a: 'pooled', b: 'direct', ...ratio }]);
  expect(renderCapacityRatios([DIRECT, other], 100)).toEqual([sentence]);
});

it('says nothing of sides that were not searched', () => {
  const plain = { name: 'plain', summary: { capacity: null } };
  expect(listCapacityRatios([plain, DIRECT])).toEqual([]);
  expect(listCapacityRatios([DIRECT, plain])).toEqual([]);
});
