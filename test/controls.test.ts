import { describe, expect, it } from 'vitest';
import { escapeControls } from '../src/controls.ts';
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

it('quotes what an unreachable target said in one line, once', () => {
  const told = new UnreachableError('LOGIN_REFUSED', 'no: \x1b[31mred\nline two\r\x07');
  expect(told.message).toBe('no: \\x1b[31mred\\nline two\\x0d\\x07');
  expect(new UnreachableError('NO_HOST', told.message).message).toBe(told.message);
});
