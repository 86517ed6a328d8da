import { expect, it } from 'vitest';
import { createNotes, type Notes } from '../../src/run/notes.ts';

it.each<[string, (notes: Notes) => void, string[]]>([
  [
    'says a thing once',
    (notes) => {
      notes.tell('x');
      notes.tell('x');
    },
    ['x'],
  ],
  [
    'says once what holds for all variants',
    (notes) =>
      notes.tellEach([
        ['a', 'x'],
        ['b', 'x'],
      ]),
    ['x'],
  ],
  [
    'names variants that differ',
    (notes) =>
      notes.tellEach([
        ['a', 'x'],
        ['b', 'y'],
      ]),
    ['a: x', 'b: y'],
  ],
  [
    'says nothing of those without',
    (notes) =>
      notes.tellEach([
        ['a', undefined],
        ['b', 'y'],
      ]),
    ['b: y'],
  ],
  ['says of the only one without its name', (notes) => notes.tellEach([['base', 'x']]), ['x']],
  [
    'names the target of what is of one out of several, once',
    (notes) => {
      for (const role of ['direct', 'pooled', 'pooled']) {
        notes.of(role).tell('x');
        notes.of(role).tellEach([['base', 'y']]);
      }
      notes.of('direct').tellEach([
        ['a', 'x'],
        ['b', undefined],
      ]);
    },
    ['direct: x', 'direct: y', 'pooled: x', 'pooled: y', 'a: x'],
  ],
])('%s', (_, act, expected) => {
  const told: string[] = [];
  act(createNotes({ note: (text) => void told.push(text) }));
  expect(told).toEqual(expected);
});

it('tells what is a warning', () => {
  const told: [string, string][] = [];
  const notes = createNotes({ note: (text, kind) => void told.push([text, kind]) });
  notes.tell('a');
  notes.warn('b');
  notes.tellEach([['v', 'c']]);
  notes.warnEach([['v', 'd']]);
  expect(told).toEqual([
    ['a', 'progress'],
    ['b', 'warning'],
    ['c', 'progress'],
    ['d', 'warning'],
  ]);
});
