import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { collectOverrides } from '../../../src/scenario/file/overrides.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';

const RATE = 'load: { executor: constant-arrival-rate, rate: 5, duration: 10s }';
const CLOSED = 'load: { executor: constant-clients, clients: 5, duration: 10s }';
const SEARCH = 'load: { executor: saturation-search }';
const VARIANTS = 'variants: { direct: {}, pooled: { connection: { queries: 1 } } }';

function read(lines: readonly string[], args: Record<string, unknown> = {}) {
  return parseScenario(['shows: a', ...lines].join('\n'), 'x.yaml', collectOverrides(args, {}));
}

function findProblems(lines: readonly string[], args: Record<string, unknown> = {}): string {
  try {
    read(lines, args);
    return '';
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

describe('the budgets of a scenario', () => {
  it('are kept as they were written', () => {
    const budgets = "budgets: ['latency p(99) < 1s', 'failed rate < 1%']";
    expect(read([RATE, budgets]).budgets).toEqual(['latency p(99) < 1s', 'failed rate < 1%']);
    expect(read([RATE]).budgets).toEqual([]);
  });

  it.each<[string, string[], string]>([
    ['what is none', [RATE, "budgets: ['latency < 1s']"], 'x.yaml:3:11 budgets[0] must'],
    ['a text', [RATE, 'budgets: latency'], 'must be a list of budgets'],
    [
      'a variant where there are none',
      [RATE, budgetOf('latency{variant:a} p(99) < 1s')],
      'the scenario has none',
    ],
    [
      'a variant that is not there',
      [RATE, VARIANTS, budgetOf('latency{variant:poled} p(99) < 1s')],
      '"latency{variant:poled} p(99) < 1s" selects a variant that does not exist: there are direct, pooled; did you mean `pooled`?',
    ],
    [
      'latency in a closed loop',
      [CLOSED, budgetOf('latency p(99) < 1s')],
      'budgets[0] "latency p(99) < 1s" does not fit the scenario: latency counts from a scheduled arrival, and a closed loop has no schedule. Use serviceTime',
    ],
    ['drops in a closed loop', [CLOSED, budgetOf('dropped rate < 1%')], 'can never fail'],
    [
      'latency of a search',
      [SEARCH, budgetOf('latency p(99) < 1s')],
      'a saturation-search tries many rates, and this figure would mix them',
    ],
    [
      'capacity without a search',
      [RATE, budgetOf('capacity value > 4/s')],
      'executor saturation-search',
    ],
    [
      'queries that are not asked',
      [RATE, budgetOf('firstQuery p(99) < 1s')],
      'Set connection.queries to 1',
    ],
    [
      'queries that one variant does not ask',
      [RATE, VARIANTS, budgetOf('firstQuery p(99) < 1s')],
      'variant direct: there is no firstQuery without a query',
    ],
    [
      'statements that are none',
      [RATE, 'connection: { queries: 1 }', budgetOf('usableServiceTime p(99) < 1s')],
      'there is no usableServiceTime without statements. Set connection.statements, or connection.queries to 2',
    ],
    [
      'sessions that are none',
      [RATE, budgetOf('sessionLatency p(99) < 1s')],
      'has no sessions. Set retry',
    ],
    [
      'TLS where there is none',
      [RATE, 'connection: { sslmode: disable }', budgetOf('tls p(99) < 1s')],
      'connection.sslmode is disable',
    ],
    [
      'capacity under a goal that is none',
      [SEARCH, budgetOf('capacity underGoal > 4/s')],
      'load.latencyGoal',
    ],
    [
      'without quotes where YAML sees a map',
      [RATE, 'budgets:', '  - latency{variant: a} p(99) < 1s'],
      'in quotes where it has braces',
    ],
    [
      'an outage where nothing disturbs',
      [RATE, budgetOf('outage max < 3s')],
      'nothing can disturb the load. Set events, or set retry',
    ],
    [
      'recovery in a closed loop',
      [CLOSED, 'events: [{ at: 2s, do: reload }]', budgetOf('recovery max < 3s')],
      'the clients of a closed loop have none. Use outage',
    ],
    ['attempts without sessions', [RATE, budgetOf('attemptsPerSuccess avg < 3')], 'Set retry'],
    ['goodput without a goal', [RATE, budgetOf('goodput rate > 99%')], 'retry.goal'],
    ['budgets of a variant', [RATE, 'variants: { a: { budgets: [] } }'], 'must be left out'],
  ])('are not %s', (_, lines, problem) => {
    expect(findProblems(lines)).toContain(problem);
  });

  it.each<[string, string[]]>([
    ['serviceTime in a closed loop', [CLOSED, budgetOf('serviceTime p(99) < 1s')]],
    ['capacity of a search', [SEARCH, budgetOf('capacity value > 4/s')]],
    [
      'capacity under a goal',
      [
        'load: { executor: saturation-search, latencyGoal: 50ms }',
        budgetOf('capacity underGoal > 4/s'),
      ],
    ],
    [
      'of the one variant that asks',
      [RATE, VARIANTS, budgetOf('firstQuery{variant:pooled} max < 1s')],
    ],
    [
      'latency where a part of the load has a schedule',
      [
        'load:',
        '  one: { executor: constant-clients, clients: 5, duration: 10s }',
        '  two: { executor: burst, clients: 5 }',
        budgetOf('latency p(99) < 1s'),
      ],
    ],
  ])('may be %s', (_, lines) => {
    expect(findProblems(lines)).toBe('');
  });
});

describe('--budget', () => {
  it("adds to the scenario's own", () => {
    const lines = [RATE, budgetOf('latency p(99) < 1s')];
    const budget = ['failed rate < 1%', 'spawn max < 1s'];
    expect(read(lines, { budget }).budgets).toEqual(['latency p(99) < 1s', ...budget]);
    expect(read([RATE], { budget: 'spawn max < 1s' }).budgets).toEqual(['spawn max < 1s']);
  });

  it('is taken as it is, whatever YAML would make of it', () => {
    const hash = 'latency p(99) < 1s # or so';
    expect(findProblems([RATE], { budget: hash })).toContain('must have a duration');
    expect(findProblems([RATE], { budget: '@x' })).toContain('must be a budget such as');
  });

  it('adds to a list that has nothing', () => {
    const lines = [RATE, 'budgets:'];
    expect(read(lines, { budget: 'spawn max < 1s' }).budgets).toEqual(['spawn max < 1s']);
  });

  it('may come in place of them', () => {
    const lines = [RATE, budgetOf('latency p(99) < 1s')];
    const args = { set: 'budgets=[]', budget: 'spawn max < 1s' };
    expect(read(lines, args).budgets).toEqual(['spawn max < 1s']);
  });

  it('is told of as it was given, and of the file what is its own', () => {
    const own = [RATE, budgetOf('latency p(9) < 1s')];
    expect(findProblems(own, { budget: 'spawn p(9) < 1s' }).split('\n')).toEqual([
      expect.stringContaining('x.yaml:3:11 budgets[0] must have one of p(50)'),
      expect.stringContaining('--budget "spawn p(9) < 1s": budgets[1] must have one of p(50)'),
    ]);
    expect(findProblems([CLOSED], { budget: 'latency p(99) < 1s' })).toContain(
      '--budget "latency p(99) < 1s": budgets[0] "latency p(99) < 1s" does not fit the scenario: ',
    );
    expect(findProblems([RATE], { budget: '7' })).toContain('--budget "7": budgets[0] must be');
  });
});

function budgetOf(budget: string): string {
  return `budgets: ['${budget}']`;
}
