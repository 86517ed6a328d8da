import { describe, expect, it } from 'vitest';
import { escapeControls, renderJson } from '../src/controls.ts';
import { UnreachableError } from '../src/errors.ts';

describe('escapeControls', () => {
  it.each([
    ['plain µ text', 'plain µ text'],
    ['a\nb', 'a\\nb'],
    ['\x1b[31mred\x07', '\\x1b[31mred\\x07'],
    ['\u202egpj.exe', '\\u202egpj.exe'],
    ['\x9b2J', '\\x9b2J'],
  ])('makes %j harmless', (text, escaped) => expect(escapeControls(text)).toBe(escaped));
});

describe('renderJson', () => {
  it.each([
    [{ a: '\x9b2J\u202e\x7f\u2028', b: [1] }, '{"a":"\\u009b2J\\u202e\\u007f\\u2028","b":[1]}'],
    [{ 'k\u2066': '\n' }, '{"k\\u2066":"\\n"}'],
  ])('of %j has no character with power over a terminal', (value, text) => {
    expect(renderJson(value)).toBe(text);
    expect(JSON.parse(text)).toEqual(value);
  });

  it('keeps its own line feeds where it is indented', () => {
    expect(renderJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
  });
});

it('quotes what an unreachable target said in one line, once', () => {
  const told = new UnreachableError('LOGIN_REFUSED', 'no: \x1b[31mred\nline two\r\x07');
  expect(told.message).toBe('no: \\x1b[31mred\\nline two\\x0d\\x07');
  expect(new UnreachableError('NO_HOST', told.message).message).toBe(told.message);
});
