import { describe, expect, it } from 'vitest';
import { parseBudget } from '../../../src/scenario/budget.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';
import { parseTargetOption } from '../../../src/targets/naming/sources/connection-string.ts';

const SOUND = 'shows: a\nload: { executor: constant-arrival-rate, rate: 5, duration: 10s }\n';

function many(count: number, render: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => render(index)).join('');
}

/** Each took tens of seconds as a file of some 60 KB. How fast it is now depends on the machine: a test that hangs ends by its timeout. */
describe('a scenario with too much of something is refused soon', () => {
  it.each([
    [
      'aliases',
      `a: &a 1\nb: [${many(9000, () => '*a, ')}1]\n`,
      'x.yaml:4:404 more than 100 aliases in a scenario',
    ],
    [
      'aliases a line each',
      `a: &a 1\n${many(5000, (index) => `b${index}: *a\n`)}`,
      'x.yaml:104:6 more than 100 aliases in a scenario',
    ],
    [
      'fields',
      many(9000, (index) => `f${index}: 1\n`),
      'x.yaml:1998:6 more than 2000 fields in a scenario',
    ],
    ['entries', `a: [${many(9000, () => '1,')}1]\n`, 'more than 2000 entries in a scenario'],
    [
      'entries a line each',
      `a:\n${many(9000, () => '- 1\n')}`,
      'more than 2000 entries in a scenario',
    ],
  ])('%s', (_, more, message) => {
    expect(() => parseScenario(SOUND + more, 'x.yaml')).toThrow(message);
  });

  it.each([
    ['unknown fields', many(1900, (index) => `f${index}: 1\n`), 'unknown field `f0`'],
    [
      'unknown fields of a block',
      `connection:\n${many(1900, (index) => `  f${index}: 1\n`)}`,
      'connection: unknown field `f0`',
    ],
    [
      'variants',
      `variants:\n${many(1900, (index) => `  v${index}: {}\n`)}`,
      'variants must be 1 to 16, got 1900',
    ],
    [
      'settings',
      `lab:\n  postgres:\n    settings:\n${many(1900, (index) => `      "-${index}": 1\n`)}`,
      'is not a setting name',
    ],
    ['budgets', `budgets:\n${many(600, () => '- latency p(99) < 1s\n')}`, 'budgets must'],
  ])('as many %s as may be read are told soon', (_, more, message) => {
    expect(() => parseScenario(SOUND + more, 'x.yaml')).toThrow(message);
  });

  it('names that JavaScript uses itself are names like others', () => {
    const variants = 'variants: { constructor: {}, toString: { connection: { queries: 1 } } }\n';
    const { variants: found } = parseScenario(SOUND + variants, 'x.yaml');
    expect(found.map(({ name }) => name)).toEqual(['constructor', 'toString']);
  });

  it('a problem takes one line, whatever the names in it hold', () => {
    expect(() => parseScenario(`${SOUND}"a\\nb\\u202e": 1\n`, 'x.yaml')).toThrow(
      'x.yaml:3:1 unknown field `a\\nb\\u202e`; known:',
    );
  });
});

describe('a text with very long blanks is refused soon', () => {
  const blanks = ' '.repeat(100_000);

  it.each([
    `latency${blanks}p(99)${blanks}<${blanks}1s`,
    `latency ${`(${blanks}`.repeat(3)}`,
    `latency{${blanks}`,
  ])('a budget', (text) => {
    expect(parseBudget(text)).toEqual({
      fault: `must have at most 200 characters, got ${text.length}`,
    });
  });

  it('a connection string', () => {
    expect(() => parseTargetOption(`postgres://a/b?options=x${blanks}y`)).toThrow(
      /^target: must have at most 16384 characters, got 100025$/,
    );
  });
});
