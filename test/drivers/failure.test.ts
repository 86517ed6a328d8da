import { describe, expect, it } from 'vitest';
import { readServerError } from '../../src/drivers/failure.ts';

describe('an ErrorResponse', () => {
  it.each([
    ['SFATAL\0C53300\0Mtoo many\0\0', '53300', 'too many'],
    ['Mno code\0\0', 'XX000', 'no code'],
    ['C\0Man empty code\0\0', 'XX000', 'an empty code'],
    [`C${'9'.repeat(20_000)}\0Ma code without end\0\0`, 'XX000', 'a code without end'],
    ['C53300', '53300', ''],
    ['', 'XX000', ''],
  ])('of %j has a code of five characters', (text, code, message) => {
    const buffer = Buffer.from(text);
    const failure = readServerError(buffer, 0, buffer.length, 'ready');
    expect(failure).toEqual({ layer: 'server', phase: 'ready', code, message });
  });
});
