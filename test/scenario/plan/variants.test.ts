import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import { collectOverrides } from '../../../src/scenario/file/overrides.ts';
import { parseScenario } from '../../../src/scenario/file/parse.ts';

const BASE = `shows: a
load: { executor: constant-arrival-rate, rate: 5, duration: 10s }
connection: { hold: 1s, queries: 1 }
`;

function parse(text: string, args: Record<string, unknown> = {}, env: Record<string, string> = {}) {
  return parseScenario(text, 'x.yaml', collectOverrides(args, env));
}

function scenariosOf(text: string, args: Record<string, unknown> = {}) {
  const { variants } = parse(text, args);
  return Object.fromEntries(variants.map(({ name, scenario }) => [name, scenario]));
}

function listProblems(
  text: string,
  args: Record<string, unknown> = {},
  env: Record<string, string> = {},
): string[] {
  try {
    parse(text, args, env);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split('\n');
  }
}

describe('variants', () => {
  it('are whole scenarios, in the order of the file', () => {
    const file = parse(`${BASE}variants:
  slow: { connection: { hold: { min: 1s, max: 2s } }, target: pooled }
  fast: { load: { rate: 50 }, workers: 2 }
  same: {}
repeat: 3
`);
    expect(file.shows).toBe('a');
    expect(file.repeat).toBe(3);
    expect(file.variants.map(({ name }) => name)).toEqual(['slow', 'fast', 'same']);
    const [slow, fast, same] = file.variants.map(({ scenario }) => scenario);
    expect(slow).toMatchObject({
      target: 'pooled',
      load: { rate: 5 },
      connection: { hold: { min: '1s', max: '2s' }, queries: 1, driver: 'wire' },
    });
    expect(fast).toMatchObject({ workers: 2, load: { rate: 50, duration: '10s' } });
    expect(same).toEqual({ ...same, load: slow?.load });
    expect(JSON.stringify(file)).not.toContain('"variants":{');
  });

  it('are compared as the file says, by the usual margins where it does not', () => {
    expect(parse(BASE).compare).toEqual({ relative: 0.05, absolute: '1ms' });
    const text = `${BASE}compare: { primary: spawn p(50), across: [auth] }`;
    expect(parse(text, { set: 'compare.relative=0.1' }).compare).toEqual({
      primary: 'spawn p(50)',
      relative: 0.1,
      absolute: '1ms',
      across: ['auth'],
    });
  });

  it('are one without a name where there are none', () => {
    expect(parse(BASE)).toMatchObject({ repeat: 1, variants: [{ name: undefined }] });
    expect(parse(`${BASE}repeat: 2`)).toMatchObject({ repeat: 2, variants: [{ name: undefined }] });
  });

  it('may complete what the scenario leaves to them', () => {
    const text = `shows: a
variants:
  a: { load: { executor: constant-arrival-rate, rate: 5, duration: 10s } }
  b: { load: { executor: ramping-arrival-rate, stages: [{ duration: 5s, target: 9 }] } }
`;
    const { a, b } = scenariosOf(text);
    expect(a?.load.executor).toBe('constant-arrival-rate');
    expect(b?.load.executor).toBe('ramping-arrival-rate');
  });

  it('take --set, for one or for all', () => {
    const text = `${BASE}variants: { a: {}, pg: {} }`;
    const set = [
      'variants.pg.connection.driver=pg',
      'connection.hold=3s',
      'variants.a.load.rate=9',
    ];
    expect(scenariosOf(text, { set, repeat: '4' })).toMatchObject({
      a: { connection: { driver: 'wire', hold: '3s' }, load: { rate: 9 } },
      pg: { connection: { driver: 'pg', hold: '3s' }, load: { rate: 5 } },
    });
    expect(parse(text, { repeat: '4' }).repeat).toBe(4);
    expect(parse(text, {}, { CONNSTORM_REPEAT: '5' }).repeat).toBe(5);
  });
});

describe('problems of variants', () => {
  const FIELDS = 'load, connection, retry, stop, killSwitch, events, probes, target, workers, lab';
  it.each<[string, string[]]>([
    [
      'variants: { a: { connection: { drivr: pg } } }',
      ['4:32 variants.a.connection: unknown field `drivr`; did you mean `driver`?'],
    ],
    [
      'variants: { a: { conection: {} } }',
      ['4:18 variants.a: unknown field `conection`; did you mean `connection`?'],
    ],
    [
      'variants: { a: { pooling: 1 } }',
      [`4:18 variants.a: unknown field \`pooling\`; known: ${FIELDS}`],
    ],
    [
      'variants: { a: { load: { rate: -5 } }, b: { load: { rate: x } } }',
      [
        '4:32 variants.a.load.rate must be above 0, got -5',
        '4:59 variants.b.load.rate must be a number, got "x"',
      ],
    ],
    [
      'variants: { a: { connection: { hold: ende } } }',
      [
        '4:38 variants.a.connection.hold must be a duration such as 500ms, 10s or 1m30s, or end, got "ende"',
      ],
    ],
    [
      'variants: { a: { load: { duration: 100ms } } }',
      [
        '4:18 variants.a.load.rate must make at least one arrival, got 5 per 1s for 100ms; load.rate is set outside the variant',
      ],
    ],
    [
      'variants: { a: { seed: 2 } }',
      [
        '4:18 variants.a.seed must be left out: all variants of a round share the seed, so that they differ only in what is compared',
      ],
    ],
    [
      'variants: { a: { shows: x, repeat: 2 } }',
      [
        '4:18 variants.a.shows must be left out: it describes all variants together',
        '4:28 variants.a.repeat must be left out: all variants have the same number of rounds',
      ],
    ],
    [
      'variants: { a: { variants: {} } }',
      ['4:18 variants.a.variants must be left out: a variant cannot have variants'],
    ],
    ['variants: { a: 5 }', ['4:16 variants.a must be a map of names to values, got 5']],
    ['variants: { a: }', ['4:16 variants.a must be a map of names to values, got nothing']],
    ['variants: []', ['4:11 variants must be a map of names to values, got an empty list']],
    ['variants: {}', ['4:11 variants must be 1 to 16, got none']],
    [
      'variants: { "a b": {} }',
      ['4:13 variants.a b must be named by 1 to 32 letters, digits, _ or -, not by a number alone'],
    ],
    [
      'variants: { 5: {} }',
      ['4:13 variants.5 must be named by 1 to 32 letters, digits, _ or -, not by a number alone'],
    ],
    [
      `variants: { ${'x'.repeat(33)}: {} }`,
      [
        `4:13 variants.${'x'.repeat(33)} must be named by 1 to 32 letters, digits, _ or -, not by a number alone`,
      ],
    ],
    [
      'compare: { primary: speed p(99) }',
      [
        '4:21 compare.primary must be a figure such as firstQuery p(99), got "speed p(99)": the metric must be one of latency, serviceTime, firstQuery, firstQueryServiceTime, usable, usableServiceTime, tcp, spawn, tls, auth, ready, query, sessionLatency',
      ],
    ],
    [
      'compare: { primary: latency p(42) }',
      [
        '4:21 compare.primary must be a figure such as firstQuery p(99), got "latency p(42)": the aggregation must be one of p(50), p(90), p(95), p(99), p(99.9), max',
      ],
    ],
    [
      'compare: { relative: 5%, absolute: 1, across: [auth, tsl] }',
      [
        '4:22 compare.relative must be a share from 0 to 10 (0.05 for 5 %), got "5%"; write 0.05, without a unit',
        '4:36 compare.absolute must have a unit (1s or 1ms?), got 1',
        '4:54 compare.across[1] must be auth, tls or server, got "tsl"; did you mean `tls`?',
      ],
    ],
    [
      'compare: { margin: 1ms }',
      ['4:12 compare: unknown field `margin`; known: primary, relative, absolute, across'],
    ],
    [
      'variants: { a: { compare: {} } }',
      ['4:18 variants.a.compare must be left out: all variants are compared alike'],
    ],
    ['repeat: 0', ['4:9 repeat must be at least 1, got 0']],
    ['repeat: 101', ['4:9 repeat must be at most 100, got 101']],
    ['repeat: 1.5', ['4:9 repeat must be a whole number, got 1.5']],
    [
      'target: "a b"',
      ['4:9 target must be the name of a role such as direct or pooled, got "a b"'],
    ],
  ])('%s', (line, problems) => {
    expect(listProblems(BASE + line)).toEqual(problems.map((problem) => `x.yaml:${problem}`));
  });

  it('are more than sixteen variants', () => {
    const many = Array.from({ length: 17 }, (_, index) => `v${index}: {}`).join(', ');
    expect(listProblems(`${BASE}variants: { ${many} }`)).toEqual([
      'x.yaml:4:11 variants must be 1 to 16, got 17',
    ]);
  });

  it('are told once where they stand outside of the variants', () => {
    const text = `shows: a
load: { executor: constant-arrival-rate, rate: 0, duration: 10s }
workrs: 1
variants: { a: {}, b: {}, c: { load: { rate: 5 } } }
`;
    expect(listProblems(text)).toEqual([
      'x.yaml:2:48 load.rate must be above 0, got 0',
      'x.yaml:3:1 unknown field `workrs`; did you mean `workers`?',
    ]);
  });

  it('are told of the variant where it spoils what was sound', () => {
    const text = `${BASE.replace('queries: 1', 'close: reset')}variants:
  wire: {}
  pg: { connection: { driver: pg } }
`;
    expect(listProblems(text)).toEqual([
      'x.yaml:6:9 variants.pg.connection.close must be terminate with connection.driver pg, got reset: use the wire driver; connection.close is set outside the variant',
    ]);
  });

  it('are told as the place of a --set', () => {
    const text = `${BASE}variants: { a: {}, b: {} }`;
    const set = ['variants.a.load.rate=0', 'connection.hold=5', 'variants.b.lod.rate=1'];
    expect(listProblems(text, { set })).toEqual([
      '--set variants.a.load.rate=0: variants.a.load.rate must be above 0, got 0',
      '--set connection.hold=5: connection.hold must have a unit (5s or 5ms?), got 5',
      '--set variants.b.lod.rate=1: variants.b: unknown field `lod`; did you mean `load`?',
    ]);
  });

  it('are flags that variants overrule', () => {
    const text = `${BASE}variants: { a: { load: { rate: 6 } }, b: { load: { rate: 7 } }, c: {} }`;
    expect(listProblems(text, { set: 'load.rate=9' })).toEqual([]);
    expect(listProblems(text, { rate: '9' })).toEqual([
      '--rate 9: ambiguous: variants a, b set load.rate themselves; set one, as in --set variants.a.load.rate=9',
    ]);
    const all = `${BASE}variants: { a: { load: { rate: 6 } } }`;
    expect(listProblems(all, { set: 'load.rate=9' })).toEqual([
      '--set load.rate=9: has no effect: variant a sets load.rate itself; set one, as in --set variants.a.load.rate=9',
    ]);
  });

  it('never hide each other', () => {
    const text = `shows: ""
repeat: 0
variants: { "": {}, a: { load: { rate: x } } }
`;
    const problems = listProblems(text);
    expect(problems).toEqual(
      expect.arrayContaining([
        'x.yaml:1:8 shows must not be empty, got ""',
        'x.yaml:2:9 repeat must be at least 1, got 0',
        expect.stringMatching(/^x\.yaml:3:13 variants\. must be named/),
        expect.stringMatching(/^x\.yaml:3:26 variants\.a\.load\.executor is missing/),
      ]),
    );
  });
});
