import { expect, it } from 'vitest';
import { listDifferences } from '../../../src/analysis/figures/differences.ts';

it.each<[string, Record<string, unknown>[], [string, (string | undefined)[]][]]>([
  ['nothing', [{ a: 1 }, { a: 1 }], []],
  ['a value', [{ a: { b: 'x', c: 1 } }, { a: { b: 'y', c: 1 } }], [['a.b', ['x', 'y']]]],
  ['what only one has', [{ a: 1 }, { a: 1, b: true }], [['b', [undefined, 'true']]]],
  ['a list as a whole', [{ a: [1, 2] }, { a: [1] }], [['a', ['[1,2]', '[1]']]]],
  [
    'a value against a map',
    [{ hold: '1s' }, { hold: { min: '1s' } }],
    [
      ['hold', ['1s', undefined]],
      ['hold.min', [undefined, '1s']],
    ],
  ],
  ['three', [{ a: 1 }, { a: 2 }, { a: 1 }], [['a', ['1', '2', '1']]]],
])('finds %s', (_, specs, expected) => {
  expect(listDifferences(specs).map(({ path, values }) => [path, values])).toEqual(expected);
});
