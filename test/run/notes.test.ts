import { expect, it } from 'vitest';
import { createNotes, type Notes } from '../../src/run/notes.ts';

it.each<[string, (notes: Notes) => void, string[]]>([
  [
    'says a thing once',
    (notes) => {
      notes.note('x');
      notes.note('x');
    },
    ['x'],
  ],
  [
    'says once what holds for all variants',
    (notes) =>
      notes.noteEach([
        ['a', 'x'],
        ['b', 'x'],
      ]),
    ['x'],
  ],
  [
    'names variants that differ',
    (notes) =>
      notes.noteEach([
        ['a', 'x'],
        ['b', 'y'],
      ]),
    ['a: x', 'b: y'],
  ],
  [
    'says nothing of those without',
    (notes) =>
      notes.noteEach([
        ['a', undefined],
        ['b', 'y'],
      ]),
    ['b: y'],
  ],
  ['says of the only one without its name', (notes) => notes.noteEach([['base', 'x']]), ['x']],
  [
    'names the target of what is of one out of several, once',
    (notes) => {
      for (const role of ['direct', 'pooled', 'pooled']) {
        notes.of(role).note('x');
        notes.of(role).noteEach([['base', 'y']]);
      }
      notes.of('direct').noteEach([
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
  notes.note('a');
  notes.warn('b');
  notes.noteEach([['v', 'c']]);
  notes.warnEach([['v', 'd']]);
  expect(told).toEqual([
    ['a', 'progress'],
    ['b', 'warning'],
    ['c', 'progress'],
    ['d', 'warning'],
  ]);
});
