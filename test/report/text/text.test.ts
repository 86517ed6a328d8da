import { describe, expect, it } from 'vitest';
import { createPaint, outputStyle } from '../../../src/report/text/paint.ts';
import { truncateText, wrapText } from '../../../src/report/text/text.ts';

describe('wrapText', () => {
  it('breaks between words and indents all lines but the first', () => {
    expect(wrapText('one two three four', 10, 2)).toEqual(['one two', '  three', '  four']);
  });

  it('breaks words that are too long, and keeps every line within its columns', () => {
    const lines = wrapText(`x ${'y'.repeat(50)} z`, 20, 4);
    expect(lines.every((line) => line.length <= 20)).toBe(true);
    expect(lines.join('').replaceAll(' ', '')).toBe(`x${'y'.repeat(50)}z`);
  });
});

it('truncates with an ellipsis', () => {
  expect(truncateText('abcdef', 6)).toBe('abcdef');
  expect(truncateText('abcdef', 4)).toBe('abc…');
});

it('paints only where colour is wanted', () => {
  expect(createPaint(true).red('x')).toBe('\x1b[31mx\x1b[39m');
  expect(createPaint(false).red('x')).toBe('x');
});

it.each([
  [{ isTTY: true }, {}, true],
  [{ isTTY: true }, { NO_COLOR: '' }, true],
  [{ isTTY: true }, { NO_COLOR: '1' }, false],
  [{ isTTY: true }, { TERM: 'dumb' }, false],
  [{}, {}, false],
  [{}, { FORCE_COLOR: '1' }, true],
  [{}, { FORCE_COLOR: '' }, true],
  [{}, { FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, true],
  [{ isTTY: true }, { FORCE_COLOR: '0' }, false],
  [{ isTTY: true }, { FORCE_COLOR: 'false' }, false],
  [{ isTTY: true, columns: 0 }, {}, true],
])('writes to %j with %j in colour: %s', (stream, env, colour) => {
  expect(outputStyle(stream, env)).toEqual({ columns: 80, colour });
});
