import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';

const RATE = 'load: { executor: constant-arrival-rate, rate: 5, duration: 10s }';
const CLOSED = 'load: { executor: constant-clients, clients: 5, duration: 10s }';
const VARIANTS = 'variants: { a: {}, b: { connection: { queries: 1 } } }';

const ACTING =
  'variants: { none: {}, some: { background: { events: { activity: cancels, rate: 5 } } } }';

function findProblems(...lines: readonly string[]): string {
  try {
    parseScenario(['shows: a', ...lines].join('\n'), 'x.yaml');
    return '';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

describe('the answer of a scenario', () => {
  it('is kept with its figures as a list', () => {
    const text = ['shows: a', RATE, 'answer: { tell: latency p(99) }'].join('\n');
    expect(parseScenario(text, 'x.yaml').answer).toEqual({ tell: ['latency p(99)'] });
  });

  it('may tell of an activity that not every variant has', () => {
    expect(findProblems(CLOSED, ACTING, 'answer: { tell: background.events.done count }')).toBe('');
    expect(findProblems(CLOSED, ACTING, 'answer: { costOfActs: none }')).toBe('');
  });

  it.each<[string, string[], string]>([
    [
      'nothing',
      [RATE, 'answer: {}'],
      'x.yaml:3:9 answer must have smallest, ratio, grid, costOfActs or tell',
    ],
    [
      'an unknown figure',
      [RATE, 'answer: { tell: latncy p(99) }'],
      'x.yaml:3:17 answer.tell must be a figure such as latency p(99) or capacity value',
    ],
    [
      'an unknown figure, with the nearest',
      [RATE, 'answer: { tell: latncy p(99) }'],
      'did you mean `latency`?',
    ],
    [
      'a budget that selects a variant',
      [RATE, VARIANTS, 'answer: { smallest: "latency{variant:a} p(99) < 1s" }'],
      'must have no braces',
    ],
    [
      'smallest without variants',
      [RATE, 'answer: { smallest: latency p(99) < 1s }'],
      'needs two or more',
    ],
    [
      'smallest beside ratio',
      [
        RATE,
        VARIANTS,
        'answer: { smallest: latency p(99) < 1s, ratio: latency p(99), of: [b, a] }',
      ],
      'cannot be set together with smallest',
    ],
    [
      'a grid beside ratio',
      [
        RATE,
        VARIANTS,
        'answer: { ratio: latency p(99), of: [b, a], grid: { figure: latency p(99), columns: [x, y], rows: { r: [a, b] } } }',
      ],
      'answer.grid cannot be set together with ratio',
    ],
    [
      'a grid with a variant that does not exist',
      [
        RATE,
        VARIANTS,
        'answer: { grid: { figure: latency p(99), columns: [x, y], rows: { r: [a, c] } } }',
      ],
      'answer.grid.rows.r[1] names a variant that does not exist: there are a, b',
    ],
    [
      'a grid with a row that is too long',
      [
        RATE,
        VARIANTS,
        'answer: { grid: { figure: latency p(99), columns: [x, y], rows: { r: [a, b, a] } } }',
      ],
      'answer.grid.rows.r must have a variant for each of the 2 columns, got 3',
    ],
    [
      'a grid of a figure that a variant has not',
      [
        RATE,
        VARIANTS,
        'answer: { grid: { figure: held fewest, columns: [x, y], rows: { r: [a, b] } } }',
      ],
      '"held fewest" does not fit the scenario: variant a: nothing is held beside the load',
    ],
    [
      'the cost of acts against a variant that does not exist',
      [CLOSED, ACTING, 'answer: { costOfActs: non }'],
      'x.yaml:4:23 answer.costOfActs names a variant that does not exist: there are none, some; did you mean `none`?',
    ],
    [
      'the cost of acts against a variant with acts',
      [CLOSED, ACTING, 'answer: { costOfActs: some }'],
      'answer.costOfActs must name a variant without acts beside the load: some has some',
    ],
    [
      'the cost of acts where there are none',
      [CLOSED, VARIANTS, 'answer: { costOfActs: a }'],
      'answer.costOfActs needs variants with acts beside the load: set background in them',
    ],
    [
      'the cost of acts at a planned rate',
      [RATE, ACTING, 'answer: { costOfActs: none }'],
      'answer.costOfActs needs a closed loop in each variant',
    ],
    [
      'the cost of acts beside a ratio',
      [CLOSED, ACTING, 'answer: { costOfActs: none, ratio: serviceTime max, of: [none, some] }'],
      'answer.costOfActs cannot be set together with ratio',
    ],
    [
      'a figure of an activity that no variant has',
      [CLOSED, ACTING, 'answer: { tell: background.event.done count }'],
      'there is no background.event',
    ],
    ['a ratio of nothing', [RATE, VARIANTS, 'answer: { ratio: latency p(99) }'], 'set of: [a, b]'],
    [
      'a ratio with a variant that does not exist',
      [RATE, VARIANTS, 'answer: { ratio: latency p(99), of: [b, c] }'],
      'x.yaml:4:41 answer.of[1] names a variant that does not exist: there are a, b',
    ],
    [
      'a ratio of one variant',
      [RATE, VARIANTS, 'answer: { ratio: latency p(99), of: [a, a] }'],
      'two different variants',
    ],
    [
      'a noun for no variant',
      [RATE, VARIANTS, 'answer: { tell: latency p(99), names: { bb: x } }'],
      'answer.names.bb names a variant that does not exist: there are a, b; did you mean `b`?',
    ],
    [
      'a figure that a variant cannot have',
      [RATE, VARIANTS, 'answer: { tell: firstQuery p(99) }'],
      'answer.tell "firstQuery p(99)" does not fit the scenario: variant a: there is no firstQuery without a query',
    ],
    [
      'a figure of sessions without retry',
      [RATE, 'answer: { tell: attemptsPerSuccess avg }'],
      'Set retry',
    ],
    [
      'a figure that nothing samples',
      [RATE, 'answer: { tell: backends most }'],
      'Set probes: true',
    ],
    [
      'the last client of a closed loop',
      [CLOSED, 'answer: { tell: connected after }'],
      'none is the last',
    ],
    ['budgets without budgets', [RATE, 'answer: { tell: budgets }'], 'set budgets'],
    [
      'a capacity without a search',
      [RATE, 'answer: { tell: capacity value }'],
      'only a search finds a capacity',
    ],
  ])('is refused if it has %s', (_, lines, problem) => {
    expect(findProblems(...lines)).toContain(problem);
  });
});
