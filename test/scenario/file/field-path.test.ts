import { describe, expect, it } from 'vitest';
import { isPrefix, parsePath, renderPath, valueAt } from '../../../src/scenario/file/field-path.ts';

describe('parsePath', () => {
  it.each([
    ['shows', ['shows']],
    ['load.rate', ['load', 'rate']],
    ['load.stages[0].target', ['load', 'stages', 0, 'target']],
    ['load.stages.0.target', ['load', 'stages', 0, 'target']],
    ['a[1][2]', ['a', 1, 2]],
  ])('reads %s', (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  it.each(['', '.', 'load.', '.rate', 'load..rate', 'a[', 'a[x]', '[0]', 'a[1000]', 'a]'])(
    'refuses %j',
    (text) => {
      expect(parsePath(text)).toBeUndefined();
    },
  );

  it('is the reverse of renderPath', () => {
    const path = ['load', 'stages', 12, 'target'];
    expect(parsePath(renderPath(path))).toEqual(path);
  });
});

describe('isPrefix', () => {
  it('holds for the path itself and its parents only', () => {
    expect(isPrefix([], ['load'])).toBe(true);
    expect(isPrefix(['load'], ['load', 'rate'])).toBe(true);
    expect(isPrefix(['load', 'rate'], ['load', 'rate'])).toBe(true);
    expect(isPrefix(['load', 'rate'], ['load'])).toBe(false);
    expect(isPrefix(['lab'], ['load', 'rate'])).toBe(false);
  });
});

describe('valueAt', () => {
  it('finds what is there and nothing that is inherited', () => {
    const data = { load: { stages: [{ target: 5 }] } };
    expect(valueAt(data, ['load', 'stages', 0, 'target'])).toBe(5);
    expect(valueAt(data, ['load', 'stages', 1, 'target'])).toBeUndefined();
    expect(valueAt(data, ['toString'])).toBeUndefined();
    expect(valueAt(null, ['load'])).toBeUndefined();
  });
});
