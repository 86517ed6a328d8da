import { expect, it } from 'vitest';
import { renderOne } from '../../../src/analysis/answer/value-text.ts';

it.each([
  [402, 421, 'between 402/s and 421/s'],
  [402, 402, '402/s'],
  [402, null, 'at least 402/s'],
  [null, 421, 'less than 421/s'],
  [null, null, 'not known'],
])('a value of %s to %s after "is" reads %s', (low, high, text) => {
  expect(renderOne({ figure: 'capacity value', unit: 'perSecond', low, high })).toBe(text);
});

it.each([
  [0, 54_800, 'less than 54.8 ms'],
  [0, 0, '0 µs'],
  [0, null, 'not known'],
])('a time of %s to %s has no lower end but 0: %s', (low, high, text) => {
  expect(renderOne({ figure: 'outage max', unit: 'us', low, high })).toBe(text);
});
