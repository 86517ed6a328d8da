import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { collectOverrides } from '../../../src/scenario/file/overrides.ts';
import { parseScenario } from '../../support/synthetic/parse-scenario.ts';

const CONSTANT = `shows: a
load:
  executor: constant-arrival-rate
  rate: 5
  duration: 10s
`;
const RAMP = `shows: a
load:
  executor: ramping-arrival-rate
  stages:
    - { duration: 10s, target: 100 }
`;

function parseWith(text: string, args: Record<string, unknown>, env: Record<string, string> = {}) {
  return parseScenario(text, 'x.yaml', collectOverrides(args, env));
}

function listProblems(text: string, args: Record<string, unknown>, env = {}): string[] {
  try {
    parseWith(text, args, env);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split('\n');
  }
}

describe('--set', () => {
  it.each([
    ['load.rate=97.5', { load: { rate: 97.5 } }],
    ['load.duration=1m', { load: { duration: '1m' } }],
    ['load.maxInFlight=40', { load: { maxInFlight: 40 } }],
    ['connection.queries=2', { connection: { queries: 2, hold: '0s' } }],
    ['connection.scramCache=false', { connection: { scramCache: false } }],
    ['connection={ queries: 3 }', { connection: { queries: 3 } }],
    ['shows=a: b', { shows: 'a: b' }],
    ['shows=# not a comment', { shows: '# not a comment' }],
    ['shows=x=y', { shows: 'x=y' }],
    ['shows="5"', { shows: '5' }],
    [
      'lab.postgres.settings.max_connections=300',
      { lab: { postgres: { settings: { max_connections: 300 } } } },
    ],
  ])('%s sets the field', (set, expected) => {
    expect(parseWith(CONSTANT, { set })).toMatchObject(expected);
  });

  it.each([
    [CONSTANT, 'load.rate=1e400', 'load.rate must be a finite number, got 1e400'],
    [
      CONSTANT,
      'load.maxInFlight=0x1ffffffff',
      'load.maxInFlight must be at most 1000000, got 0x1ffffffff',
    ],
    [
      RAMP,
      'load.stages=[{ duration: 1s, target: 1e400 }]',
      'load.stages[0].target must be a finite number, got 1e400',
    ],
  ])('tells a number as it was written: %#', (text, set, told) => {
    expect(listProblems(text, { set })).toEqual([`--set ${set}: ${told}`]);
  });

  it('tells numbers of short flags and of the environment as they were written', () => {
    const told = 'load.rate must be a finite number, got 1e400';
    expect(listProblems(CONSTANT, { rate: '1e400' })).toEqual([`--rate 1e400: ${told}`]);
    expect(listProblems(CONSTANT, {}, { CONNSTORM_RATE: '1e400' })).toEqual([
      `CONNSTORM_RATE=1e400: ${told}`,
    ]);
  });

  it('may have anchors and aliases inside of brackets', () => {
    const set = 'load.stages=[&s { duration: 1s, target: 9 }, *s]';
    expect(parseWith(RAMP, { set }).load).toMatchObject({
      stages: [{ target: 9 }, { target: 9 }],
    });
  });

  it('reaches into lists, and adds to their end', () => {
    const set = ['load.stages[0].target=7', 'load.stages[1]={ duration: 5s, target: 9 }'];
    expect(parseWith(RAMP, { set }).load).toMatchObject({
      stages: [
        { duration: '10s', target: 7 },
        { duration: '5s', target: 9 },
      ],
    });
  });

  it('replaces a whole block', () => {
    const set = 'load={ executor: ramping-arrival-rate, stages: [{ duration: 1s, target: 9 }] }';
    expect(parseWith(CONSTANT, { set }).load).toMatchObject({ executor: 'ramping-arrival-rate' });
  });

  it('makes a broken field of the file good', () => {
    expect(
      parseWith(CONSTANT.replace('rate: 5', 'rate: x'), { set: 'load.rate=6' }).load,
    ).toMatchObject({ rate: 6 });
  });

  it.each([
    '__proto__.polluted=1',
    'load.__proto__.polluted=1',
    'lab.postgres.settings.__proto__=1',
    'variants.__proto__.load.rate=1',
  ])('leaves prototypes alone, and loses nothing: %s', (set) => {
    expect(listProblems(CONSTANT, { set })).toEqual([
      `--set ${set}: \`__proto__\` cannot be used as a name`,
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('nor does a map have such a name', () => {
    const set = 'lab.postgres.settings={ __proto__: 1 }';
    expect(listProblems(CONSTANT, { set })).toEqual([
      `--set ${set}: lab.postgres.settings: \`__proto__\` cannot be used as a name`,
    ]);
  });

  it.each([
    ['load=[*x]', 'not a YAML value: no anchor &x before this'],
    ['load={ rate: *x }', 'not a YAML value: no anchor &x before this'],
    ['budgets=[&x [*x]]', 'an alias may not contain itself: *x is inside &x'],
    ['load={a: &x {b: *x}}', 'an alias may not contain itself: *x is inside &x'],
    [`load.rate=[${'x, '.repeat(2001)}x]`, 'more than 2000 entries in a scenario'],
    [`load={${'x: 1 '.repeat(2001)}}`, 'more than 2000 fields in a scenario'],
  ])('tells what is no value: %s', (set, problem) => {
    const [told = ''] = listProblems(CONSTANT, { set });
    expect(told.endsWith(`: ${problem}`)).toBe(true);
  });

  it('does not follow a path that is longer than any', () => {
    const [told = ''] = listProblems(CONSTANT, { set: `${'a.'.repeat(50_000)}a=1` });
    expect(told).toMatch(/is not a field's path, such as load\.stages\[0\]\.target$/);
  });

  it.each(['set', 'budget'])('takes a thousand of --%s and no more', (flag) => {
    const texts = Array.from({ length: 1001 }, (_, index) => `a${index}=1`);
    expect(() => collectOverrides({ [flag]: texts }, {})).toThrow(
      `--${flag} must be given at most 1000 times, got 1001`,
    );
  });

  it.each([
    ['load.rate=abc', 'load.rate must be a number, got "abc"'],
    ['load.rate=-1', 'load.rate must be above 0, got -1'],
    ['load.rate=', 'load.rate must be a number, got nothing'],
    ['load.rate=0.01', 'load.rate must make at least one arrival, got 0.01 per 1s for 10s'],
    ['load.rat=5', 'load: unknown field `rat`; did you mean `rate`?'],
    ['conection.queries=1', 'unknown field `conection`; did you mean `connection`?'],
    ['load.rate.x=1', 'load.rate has no fields'],
    ['shows.x=1', 'shows has no fields'],
    ['load..rate=1', "`load..rate` is not a field's path, such as load.stages[0].target"],
    ['shows="a', 'not a YAML value: Missing closing "quote'],
    ['shows=[a', 'not a YAML value: Flow sequence must end with a ]'],
    [`shows=${'['.repeat(60)}`, 'nested too deeply for a scenario'],
    [
      'load={ executor: constant-arrival-rate, duration: 1s }',
      'load.rate is missing: it must be a number',
    ],
  ])('%s is told as the place of its problem', (set, problem) => {
    expect(listProblems(CONSTANT, { set })).toContain(`--set ${set}: ${problem}`);
  });

  it.each([
    ['load.stages[2].target=5', 'load.stages has 1 so far: the next is load.stages[1]'],
    ['load.stages.x=5', 'load.stages is a list: give an index, as in load.stages[0]'],
    [
      'load.stages[1].target=5',
      'load.stages[1].duration is missing: it must be a duration such as 500ms, 10s or 1m30s',
    ],
    ['workers[3]=5', 'a new list begins with its entry [0]'],
  ])('%s on a ramp is told as the place of its problem', (set, problem) => {
    expect(listProblems(RAMP, { set })).toContain(`--set ${set}: ${problem}`);
  });

  it('is told after the problems of the file', () => {
    expect(listProblems(`${CONSTANT}seed: x`, { set: ['workers=0', 'load.rate=abc'] })).toEqual([
      'x.yaml:6:7 seed must be a number, got "x"',
      '--set workers=0: workers must be at least 1, got 0',
      '--set load.rate=abc: load.rate must be a number, got "abc"',
    ]);
  });

  it.each(['load.rate', '=5', ''])('%j is not path=value', (set) => {
    expect(listProblems(CONSTANT, { set })).toEqual([
      `--set must be path=value such as load.rate=100, got "${set}"`,
    ]);
  });
});

describe('shorthands', () => {
  it('set their fields', () => {
    const scenario = parseWith(CONSTANT, {
      rate: '7',
      duration: '3s',
      workers: '2',
      seed: '9',
      driver: 'pg',
    });
    expect(scenario).toMatchObject({
      load: { rate: 7, duration: '3s' },
      workers: 2,
      seed: 9,
      connection: { driver: 'pg' },
    });
  });

  it('come after the environment and before --set', () => {
    const env = { CONNSTORM_RATE: '1', CONNSTORM_SEED: '2', CONNSTORM_WORKERS: '' };
    expect(collectOverrides({ rate: '3', set: 'load.rate=4' }, env)).toEqual([
      { path: 'load.rate', value: '1', source: 'CONNSTORM_RATE=1', shorthand: true },
      { path: 'seed', value: '2', source: 'CONNSTORM_SEED=2', shorthand: true },
      { path: 'load.rate', value: '3', source: '--rate 3', shorthand: true },
      { path: 'load.rate', value: '4', source: '--set load.rate=4' },
    ]);
    expect(parseWith(CONSTANT, { rate: '3', set: 'load.rate=4' }, env).load).toMatchObject({
      rate: 4,
    });
    expect(parseWith(CONSTANT, { rate: '3' }, env).load).toMatchObject({ rate: 3 });
  });

  it('are told as the place of their problem', () => {
    const env = { CONNSTORM_WORKERS: 'many' };
    expect(listProblems(CONSTANT, { rate: 'abc', duration: '5' }, env)).toEqual([
      'CONNSTORM_WORKERS=many: workers must be a number, got "many"',
      '--rate abc: load.rate must be a number, got "abc"',
      '--duration 5: load.duration must have a unit (5s or 5ms?), got 5',
    ]);
  });

  it('are refused for a ramp where they could mean any stage', () => {
    expect(listProblems(RAMP, { rate: '5', duration: '3s', workers: '2' })).toEqual([
      "--rate 5: ambiguous: a ramp's stages have rates of their own; set one, as in --set load.stages[0].target=5",
      "--duration 3s: ambiguous: a ramp's stages have durations of their own; set one, as in --set load.stages[0].duration=3s",
    ]);
  });

  it('are refused where an override makes it a ramp', () => {
    const set = 'load={ executor: ramping-arrival-rate, stages: [{ duration: 1s, target: 9 }] }';
    expect(listProblems(CONSTANT, { rate: '5', set })).toHaveLength(1);
  });

  it.each([
    [{ rate: ['1', '2'] }, '--rate must be given once, got 1, 2'],
    [{ seed: '' }, '--seed needs a value'],
  ])('given as %j are refused', (args, problem) => {
    expect(listProblems(CONSTANT, args)).toEqual([problem]);
  });
});
