import { expect, it } from 'vitest';
import { alternate, describe as describeValues, median, ratios, renderRows } from './figures.js';

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
  const values = await alternate({ a: measure('a'), b: measure('b') }, 3);
  expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
  expect(values).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
});

it('shows a median with its extremes, a single value alone', () => {
  expect(describeValues([3, 1, 2], 'us')).toBe('2 us (1-3)');
  expect(describeValues([1.234], 'ms', 2)).toBe('1.23 ms');
});

it('holds ours against the rival of the same round', () => {
  expect(ratios([80, 160, 30], [100, 200, 60])).toEqual([0.8, 0.8, 0.5]);
  const row = { what: 'cost', ours: '', rival: '', goal: '', isReached: null };
  const ratio = { ratio: 0.8, ratios: [0.8, 0.8, 0.5] };
  expect(renderRows([{ ...row, ...ratio }])).toContain('0.800 (0.500-0.800)');
});

it('aligns the rows and says which goals are missed', () => {
  const row = { what: 'cost', ours: '1 us', rival: '2 us', ratio: 0.5 };
  const rows = [
    { ...row, goal: 'ratio <= 0.750', isReached: true },
    { ...row, goal: 'ratio <= 0.100', isReached: false },
    { ...row, goal: '', isReached: null },
  ];
  expect(renderRows(rows).split('\n')).toEqual([
    '      connstorm  rival  ratio  goal            reached',
    'cost  1 us       2 us   0.500  ratio <= 0.750  yes',
    'cost  1 us       2 us   0.500  ratio <= 0.100  NO',
    'cost  1 us       2 us   0.500',
  ]);
});
