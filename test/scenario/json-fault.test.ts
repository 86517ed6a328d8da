import { describe, expect, it } from 'vitest';
import { findJsonFault } from '../../src/scenario/json-fault.ts';

const SAMPLE = '{"a": [1, -2.5e3, "x\\u00e9\\n", true, null, {}], "b": {"c": []}}';

describe('findJsonFault', () => {
  it.each([SAMPLE, '1', ' [ ] ', '"\\""', `\n${SAMPLE}\r\n`, '{"é": "ü"}'])(
    'finds none in %j',
    (text) => {
      expect(() => JSON.parse(text)).not.toThrow();
      expect(findJsonFault(text)).toBeUndefined();
    },
  );

  it.each([
    ['', 0, 'expected a value, got the end of the file'],
    ['[1 2]', 3, 'expected a comma or ], got "2"'],
    ['[1,]', 3, 'expected another entry after the comma, got "]"'],
    ['{"a": 1,}', 8, 'expected another entry after the comma, got "}"'],
    ['{"a" 1}', 5, 'expected a colon after the name, got "1"'],
    ["{'a': 1}", 1, 'expected a name in double quotes, got "\'"'],
    ['{"a": tru}', 6, 'expected a value, got "tru"'],
    ['{"a": 01}', 6, 'expected a value, got "01"'],
    ['{} {}', 3, 'expected the end of the file, got "{"'],
    ['["a', 1, 'the text in double quotes has no end'],
    ['{} # why', 3, 'JSON has no comments'],
  ])('%j: at %i %s', (text, offset, told) => {
    expect(findJsonFault(text)).toEqual({ offset, text: told });
  });

  it('agrees with JSON.parse on every text that is one character off', () => {
    for (let at = 0; at < SAMPLE.length; at++) {
      for (const other of ['', '"', ',', '}', ']', '0', 'e', '\\', '\n', '\t']) {
        const text = SAMPLE.slice(0, at) + other + SAMPLE.slice(at + 1);
        expect([text, findJsonFault(text) === undefined]).toEqual([text, isJson(text)]);
      }
    }
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
