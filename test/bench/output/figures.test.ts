import { expect, it } from 'vitest';
import { alternate, describe as describeValues, median, ratios } from './figures.js';

it.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

it('measures forwards and backwards by turns', async () => {
  const order: string[] = [];
  const measure = (name: string) => async () => order.push(name);
  const values = await alternate([measure('a'), measure('b')], 3);
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  expect(values).toEqual([
    [1, 4, 5],
    [2, 3, 6],
  ]);
});

it('shows a median with its extremes, a single value alone', () => {
  expect(describeValues([3, 1, 2], 'us')).toBe('2 us (1-3)');
  expect(describeValues([1.234], 'ms', 2)).toBe('1.23 ms');
  expect(describeValues([4000], '/s')).toBe('4000/s');
  expect(describeValues([0.5, 0.7], '', 1)).toBe('0.6 (0.5-0.7)');
});

it('holds ours against the rival of the same round', () => {
  expect(ratios([80, 160, 30], [100, 200, 60])).toEqual([0.8, 0.8, 0.5]);
});
