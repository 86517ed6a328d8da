import { expect, it } from 'vitest';
import { mergeData } from '../../../src/scenario/file/merge.ts';

it.each<[string, unknown, unknown, unknown]>([
  ['maps merge', { a: 1, b: 2 }, { b: 3, c: 4 }, { a: 1, b: 3, c: 4 }],
  [
    'maps in maps merge',
    { a: { b: 1, c: { d: 2 } } },
    { a: { c: { e: 3 } } },
    { a: { b: 1, c: { d: 2, e: 3 } } },
  ],
  ['lists replace', { a: [1, 2, 3] }, { a: [4] }, { a: [4] }],
  ['values replace maps', { a: { b: 1 } }, { a: '5s' }, { a: '5s' }],
  ['maps replace values', { a: '5s' }, { a: { min: 1 } }, { a: { min: 1 } }],
  ['nothing replaces, and is told of by the check', { a: 1 }, { a: null }, { a: null }],
  ['an empty map changes nothing', { a: { b: 1 } }, {}, { a: { b: 1 } }],
  ['what is no map replaces', [1], { a: 1 }, { a: 1 }],
])('%s', (_, base, over, merged) => {
  const before = JSON.stringify([base, over]);
  expect(mergeData(base, over)).toEqual(merged);
  expect(JSON.stringify([base, over])).toBe(before);
});

it('lets no name of a field reach the prototype', () => {
  const merged = mergeData({}, JSON.parse('{"__proto__":{"polluted":1}}'));
  expect(Object.keys(merged as object)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});
